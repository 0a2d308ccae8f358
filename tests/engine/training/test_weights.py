"""Weights in files: saved and loaded, complete or not at all, and what is refused."""

import errno
import os
import re
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import Network, mnist
from engine.errors import DataError
from engine.training import ARCHITECTURES, Evaluation, load, save, shipped


def arrays(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of saved weights."""
    save(Network.new("cnn", 1), tmp_path / "weights.npz", {"seed": 1})
    return tmp_path / "weights.npz"


@pytest.mark.parametrize("slug", ARCHITECTURES)
def test_weights_that_are_saved_are_loaded_as_they_were(slug: str, tmp_path: Path) -> None:
    network = Network.new(slug, 5)
    save(network, tmp_path / "w.npz", {"why": "a test", "accuracy": 0.5})
    saved = load(tmp_path / "w.npz")
    assert saved.network.architecture is network.architecture
    assert saved.about == {"why": "a test", "accuracy": 0.5}
    for mine, theirs in zip(saved.network.params, network.params, strict=True):
        assert_array_equal(mine, theirs)
        assert mine.dtype == np.float32


def test_anybody_can_read_it_with_numpy_alone(path: Path) -> None:
    names = ["w1", "b1", "w2", "b2", "w3", "b3", "architecture", "about"]
    assert list(arrays(path)) == names
    assert {array.dtype.kind for array in arrays(path).values()} == {"f", "U"}
    # It does not say when or where it was written, so it can be reproduced byte by byte.
    save(Network.new("cnn", 1), path.parent / "again.npz", {"seed": 1})
    assert (path.parent / "again.npz").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"w2": np.zeros((16, 8, 5, 5), np.float32)},
         r"needs w2 of shape \(16, 8, 3, 3\) for cnn; got \(16, 8, 5, 5\)"),
        ({"b3": np.zeros((1, 10))}, r"needs b3 of shape \(10,\) for cnn; got \(1, 10\)"),
        ({"w1": None}, "needs the array w1 for cnn; got none"),
        ({"b1": np.full(8, np.nan)}, "needs finite floating numbers in b1"),
        ({"b1": np.zeros(8, np.int64)}, "needs finite floating numbers in b1"),
        ({"b1": np.full(8, 1e300)}, "needs finite floating numbers in b1"),
        ({"architecture": np.array("vgg")}, "architecture one of cnn, .*; got 'vgg'"),
        ({"architecture": None}, "architecture one of cnn, .*; got 'None'"),
        ({"w9": np.zeros(3)}, "needs no array w9 for cnn; got one"),
        ({"about": np.array("{")}, "needs JSON in 'about'"),
        ({"about": np.array("")}, "needs JSON in 'about'"),
        ({"about": np.array("[" * 100_000)}, "needs JSON in 'about'"),
        ({"about": np.array("1" * 5000)}, "needs JSON in 'about'"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit(path: Path, change: dict[str, Any], said: str) -> None:
    changed = {name: array for name, array in (arrays(path) | change).items() if array is not None}
    np.savez(path, **changed)
    with pytest.raises(DataError, match=f"weights: {path} .*{said}"):
        load(path)


def test_an_architecture_that_is_asked_for(path: Path) -> None:
    assert load(path, "cnn").network.architecture.slug == "cnn"
    with pytest.raises(DataError, match="needs the architecture linear; got 'cnn'"):
        load(path, "linear")
    foreign = arrays(path)
    del foreign["architecture"], foreign["about"]
    np.savez(path, **foreign)
    assert load(path, "cnn").about == {}


@pytest.mark.parametrize(("note", "about"), [('{"seed": 2}', {"seed": 2}), ("[2]", {}), ("2", {})])
def test_a_note_that_is_no_object_is_none(path: Path, note: str, about: dict[str, Any]) -> None:
    np.savez(path, **(arrays(path) | {"about": np.array(note)}))
    assert load(path).about == about


def test_a_damaged_file(path: Path) -> None:
    whole = path.read_bytes()
    said = r"weights\.npz is damaged, or no \.npz file of numbers"
    for damaged in (b"", b"hello", whole[:100], whole[:-30], whole[:3000] + whole[3100:]):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=said):
            load(path)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    path.write_bytes(flipped)
    with pytest.raises(DataError, match="is damaged"):
        load(path)


@pytest.mark.parametrize(
    "member",
    [
        b"hello",
        b"\x93NUMPY\x01\x00\x02\x00{\n",
        b"\x93NUMPY\x01\x00\x46\x00%-69s\n"
        % b"{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000000,)}",
    ],
    ids=["no array", "a header that breaks off", "28 PiB"],
)
def test_a_damaged_array(path: Path, member: bytes) -> None:
    with ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    with ZipFile(path, "w") as file:
        for name, content in (members | {"b1.npy": member}).items():
            file.writestr(name, content)
    with pytest.raises(DataError, match=r"weights\.npz (is damaged|needs b1 of shape)"):
        load(path)


@pytest.mark.parametrize(("place", "byte"), [(8, 1), (10, 99)], ids=["encrypted", "codec"])
def test_a_damaged_directory(path: Path, place: int, byte: int) -> None:
    whole = bytearray(path.read_bytes())
    whole[whole.index(b"PK\x01\x02") + place] = byte
    path.write_bytes(whole)
    with pytest.raises(DataError, match=r"is damaged, or no \.npz file of numbers"):
        load(path)


def test_a_missing_file_an_npy_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    none = tmp_path / "none.npz"
    with pytest.raises(DataError, match=f"needs the file {re.escape(str(none))}; got none there"):
        load(none)
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(DataError, match=r"needs named arrays, as in an \.npz file; got a single"):
        load(tmp_path / "one.npy")
    # It is a folder, not damaged.
    with pytest.raises(DataError, match=f"{re.escape(str(tmp_path))} cannot be read: "):
        load(tmp_path)


class _Pickled:
    """Leaves a trace if it is ever loaded."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, ("loaded",)


def test_a_pickle_is_never_loaded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    bad = np.empty(8, dtype=object)
    bad[0] = _Pickled()
    np.savez(path, **(arrays(path) | {"b1": bad}))
    with pytest.raises(DataError, match="is damaged, or no"):
        load(path)
    assert not Path("loaded").exists()


def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    old = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    said = "cannot be written: No space left on device; the file that was there is as it was"
    with pytest.raises(DataError, match=said):
        save(Network.new("cnn", 2), path)
    assert path.read_bytes() == old
    with pytest.raises(DataError, match="No space left on device; nothing is there"):
        save(Network.new("cnn", 2), path.parent / "new.npz")
    assert [each.name for each in path.parent.iterdir()] == ["weights.npz"]


def test_the_old_file_is_replaced_and_never_written_into(path: Path) -> None:
    # A concurrent reader, or a program that dies halfway, finds either the old file or the new one.
    old, kept = path.read_bytes(), path.with_name("kept.npz")
    kept.hardlink_to(path)
    save(Network.new("cnn", 2), path)
    assert kept.read_bytes() == old != path.read_bytes()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written: No such file or directory"):
        save(Network.new(), tmp_path / "nowhere" / "w.npz")


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written: File name too long; nothing is there"):
        save(Network.new(), tmp_path / f"{'w' * 300}.npz")


def test_what_cannot_be_noted_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        save(Network.new(), tmp_path / "w.npz", {"what": object()})
    assert not list(tmp_path.iterdir())


def test_the_network_that_comes_with_the_program_is_as_good_as_it_says() -> None:
    network, about = shipped()
    assert network.architecture.slug == "cnn"
    assert about["command"] == "python -m engine.train"
    assert about["test_accuracy"] >= 0.985
    # On another machine, rounding may change an answer or two.
    right = Evaluation.of(network, mnist.load("test")).accuracy
    assert right == pytest.approx(about["test_accuracy"], abs=2e-4)
    assert shipped() is shipped()
