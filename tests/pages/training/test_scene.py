"""The limits on what a run may ask for: they hold for whoever asks."""

import pytest

from engine.training import SGD
from pages.training.scene import PRESETS, START, TrainingScene


def test_it_goes_into_an_address_and_back() -> None:
    scene = TrainingScene("deeper", 7, 128, 0.05, 0.5, 0.001, 42)
    assert scene.query() == {
        "architecture": "deeper",
        "epochs": "7",
        "batch_size": "128",
        "learning_rate": "0.05",
        "momentum": "0.5",
        "weight_decay": "0.001",
        "seed": "42",
    }
    assert START.updated(scene.query()) == (scene, [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("epochs", "21"),
        ("epochs", "0"),
        ("epochs", "1e9"),
        ("batch_size", "1025"),
        ("batch_size", "0"),
        ("batch_size", "60000"),
        ("learning_rate", "0"),
        ("learning_rate", "nan"),
        ("learning_rate", "101"),
        ("momentum", "1"),
        ("momentum", "-0.1"),
        ("weight_decay", "inf"),
        ("seed", "-1"),
        ("seed", "123456789"),
        ("architecture", "resnet"),
        ("architecture", "<b>"),
    ],
)
def test_what_is_beyond_a_limit_is_not_taken_and_said(name: str, text: str) -> None:
    scene, (sentence,) = START.updated({name: text})
    assert scene == START
    assert sentence.startswith(f"The address asked for {name} = “{text}”, but {name} needs ")


def test_the_engine_takes_what_the_limits_allow() -> None:
    for scene in (*PRESETS.values(), TrainingScene("cnn", 20, 1, 0.0001, 0.99, 0.1, 0)):
        SGD(scene.learning_rate, scene.momentum, scene.weight_decay)
