"""What a run's process says, over the wire and into what is known of the run."""

from dataclasses import asdict, replace
from io import BytesIO

import numpy as np
import pytest

from engine import mnist
from engine.training import Evaluation, Network
from pages.training.progress import LONGEST, Progress, thinned
from pages.training.scene import START
from pages.training.wire import Message, read, write
from tests.pages.training.records import record


def sent(*messages: Message) -> bytes:
    stream = BytesIO()
    for message in messages:
        write(stream, message)
    return stream.getvalue()


def test_messages_arrive_as_they_were_sent() -> None:
    filters = np.arange(24, dtype=np.float32).reshape(2, 3, 4).transpose(2, 0, 1)
    whole = Message("record", {"worked": 0.1}, (filters, np.array([3, 1], np.uint8)))
    stream = BytesIO(sent(whole, Message("phase", {"phase": "paused"})))
    kind, said, arrays = read(stream) or Message("", {})
    assert (kind, said) == ("record", {"worked": 0.1})
    assert [array.dtype for array in arrays] == [np.float32, np.uint8]
    np.testing.assert_array_equal(arrays[0], filters)
    np.testing.assert_array_equal(arrays[1], [3, 1])
    assert read(stream) == Message("phase", {"phase": "paused"})
    assert read(stream) is None


def test_a_message_that_was_cut_off_is_none() -> None:
    whole = sent(Message("record", {}, (np.zeros(3),)))
    for length in (5, len(whole) - 1):
        assert read(BytesIO(whole[:length])) is None


def test_a_record_brings_the_network_and_the_time() -> None:
    learned = Network.new("cnn", 7)
    said = {"record": asdict(record(5)), "worked": 0.25}
    message = read(BytesIO(sent(Message("record", said, learned.params))))
    assert message
    before = Progress.of(START, "running").after(
        Message("begun", {"phase": "running", "steps": 20, "steps_per_epoch": 10})
    )
    after = before.after(message)
    assert after.history == (record(5),)
    assert (after.step, after.part, after.worked) == (5, 0.25, 0.25)
    assert after.seconds_left == pytest.approx(0.75)
    for one, other in zip(after.network.params, learned.params, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (before.history, before.seconds_left) == ((), None)


def test_an_evaluation_is_the_engines() -> None:
    digits = mnist.load("test")
    found = Evaluation.of(Network.new("linear"), digits)
    arrays = (found.predicted.astype(np.uint8), found.confidence)
    after = Progress.of(START).after(Message("evaluation", {"step": 7}, arrays))
    there = after.evaluation
    assert there
    assert after.evaluated_at == 7
    assert there.accuracy == found.accuracy
    np.testing.assert_array_equal(there.confusion, found.confusion)
    np.testing.assert_array_equal(there.wrong, found.wrong)


def test_what_is_no_message_of_ours_is_refused() -> None:
    for message in (Message("other", {}), Message("phase", {"phase": "flying"})):
        with pytest.raises(ValueError, match="a run says what it is"):
            Progress.of(START).after(message)


def test_a_long_history_loses_every_other_record_but_no_epoch() -> None:
    history = tuple(record(step, end_of_epoch=step % 100 == 1) for step in range(LONGEST + 1))
    assert thinned(history[:LONGEST]) == history[:LONGEST]
    kept = thinned(history)
    assert len(kept) <= LONGEST / 2 + 10
    assert kept[-1] == history[-1]
    assert [each for each in history if each.end_of_epoch] == [
        each for each in kept if each.end_of_epoch
    ]
    assert replace(kept[0], step=0) == kept[0]
