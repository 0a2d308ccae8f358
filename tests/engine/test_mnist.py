"""The MNIST loader, with the files that come with the program and with small made-up ones."""

import gzip
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from engine import mnist
from engine.errors import DataError
from engine.mnist import load

IMAGES = "t10k-images-idx3-ubyte.gz"
LABELS = "t10k-labels-idx1-ubyte.gz"


def idx(array: np.ndarray, magic: bytes | None = None) -> bytes:
    """The array in the IDX format, uncompressed."""
    head = magic or b"\x00\x00\x08" + bytes([array.ndim])
    return head + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three made-up digits."""
    images = np.arange(3 * 28 * 28).reshape(3, 28, 28) % 256
    (tmp_path / IMAGES).write_bytes(gzip.compress(idx(images)))
    (tmp_path / LABELS).write_bytes(gzip.compress(idx(np.array([7, 0, 9]))))
    return tmp_path


def test_the_test_set_is_the_one_that_everybody_knows() -> None:
    images, labels = load()
    assert images.shape == (10_000, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert images[0].sum() == 18_454
    assert [images.min(), images.max()] == [0, 255]


def test_the_training_set() -> None:
    images, labels = load("train")
    assert images.shape == (60_000, 28, 28)
    assert labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_the_images_are_read_fast_and_only_once() -> None:
    mnist._load.cache_clear()
    start = time.perf_counter()
    first = load()
    assert time.perf_counter() - start < 1  # 0.06 s on an idle machine
    assert load() is first


def test_the_images_and_labels_cannot_be_written_to() -> None:
    for array in load():
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 1


def test_another_folder(folder: Path) -> None:
    images, labels = load("test", folder)
    assert images[0, 0, :3].tolist() == [0, 1, 2]
    assert labels.tolist() == [7, 0, 9]
    assert load("test", str(folder)) is load("test", folder)


def test_a_folder_is_another_one_from_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    assert load("test", folder.name).labels.tolist() == [7, 0, 9]
    (elsewhere := folder / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    with pytest.raises(DataError, match="needs the file"):
        load("test", folder.name)


def test_files_that_are_unpacked_already(folder: Path) -> None:
    packed = load("test", folder)
    for name in (IMAGES, LABELS):
        content = gzip.decompress((folder / name).read_bytes())
        (folder / name).unlink()
        (folder / name.removesuffix(".gz")).write_bytes(content)
    mnist._load.cache_clear()
    unpacked = load("test", folder)
    assert np.array_equal(unpacked.images, packed.images)
    assert np.array_equal(unpacked.labels, packed.labels)


def test_the_packed_file_is_read_when_an_unpacked_one_is_there_too(folder: Path) -> None:
    (folder / LABELS.removesuffix(".gz")).write_bytes(b"something else")
    assert load("test", folder).labels.tolist() == [7, 0, 9]


def test_a_missing_file(folder: Path) -> None:
    (folder / LABELS).unlink()
    with pytest.raises(DataError, match=f"needs the file .*{LABELS}; got No such file"):
        load("test", folder)


def test_a_data_folder_that_is_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (loop := tmp_path / "loop").symlink_to(loop)
    with pytest.raises(DataError, match=r"needs the file .*loop.*; got Too many levels"):
        load("test", loop)


def test_no_gzip_file(folder: Path) -> None:
    damaged = bytearray(gzip.compress(idx(np.zeros((3, 28, 28)))))
    damaged[10:14] = b"\xff" * 4  # where the first block begins
    for content in (b"hello", damaged):
        (folder / IMAGES).write_bytes(content)
        with pytest.raises(DataError, match=f"{IMAGES} is damaged, or not a gzip file"):
            load("test", folder)


@pytest.mark.parametrize("kept", [0, 5, 40, -3])
def test_a_file_cut_short_before_it_was_unpacked(folder: Path, kept: int) -> None:
    path = folder / IMAGES
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataError, match=IMAGES):
        load("test", folder)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "got an empty file"),
        (b"\x00\x00\x08", "needs the magic number 00000803"),
        (b"\x00\x00\x08\x03\x00\x00", "cut short: its header needs 16 bytes"),
        (idx(np.zeros((3, 28, 28)))[:-1], "needs 2352 entries; got 2351"),
        (idx(np.zeros((3, 28, 28))) + b"\x00", "needs 2352 entries; got 2353"),
        (idx(np.zeros((1, 1, 2)))[:4] + b"\xff" * 8 + b"\x00\x00\x00\x02ab", "entries; got 2"),
        (idx(np.zeros((3, 28, 28)), b"\x00\x00\x0d\x03"), "magic number 00000803.* got 00000d03$"),
        (idx(np.zeros(3)), "magic number 00000803, bytes along 3 axes; got 00000801$"),
        (idx(np.zeros((3, 27, 28))), r"images of 28 x 28; got shape \(3, 27, 28\)"),
        (idx(np.zeros((2, 28, 28))), "got 3 for 2"),
    ],
)
def test_images_in_another_format(folder: Path, raw: bytes, said: str) -> None:
    (folder / IMAGES).write_bytes(gzip.compress(raw))
    with pytest.raises(DataError, match=said):
        load("test", folder)


def test_labels_in_another_format(folder: Path) -> None:
    (folder / LABELS).write_bytes(gzip.compress(idx(np.zeros((3, 1)))))
    with pytest.raises(
        DataError, match=r"magic number 00000801, bytes along 1 axis; got 00000802$"
    ):
        load("test", folder)


def test_a_label_above_nine(folder: Path) -> None:
    (folder / LABELS).write_bytes(gzip.compress(idx(np.array([1, 10, 2]))))
    with pytest.raises(DataError, match=f"{folder}/t10k.* labels from 0 to 9; got 10"):
        load("test", folder)


def test_a_flipped_bit_in_what_came_with_the_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = Path(mnist.__file__).parent
    for name in (IMAGES, LABELS):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    packed = bytearray((tmp_path / LABELS).read_bytes())
    packed[100] ^= 1
    (tmp_path / LABELS).write_bytes(packed)
    monkeypatch.setattr(mnist, "_HERE", tmp_path)
    mnist._load.cache_clear()
    with pytest.raises(DataError, match=f"{LABELS} is damaged: its SHA-256"):
        load()
    mnist._load.cache_clear()


def test_an_unknown_part() -> None:
    for part, said in (("valid", "'valid'"), (["train"], r"\['train'\]")):
        with pytest.raises(DataError, match=f"'train' or 'test'; got {said}"):
            load(part)  # type: ignore[arg-type]
