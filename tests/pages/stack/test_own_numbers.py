"""The user's own numbers: every form that is accepted, and the sentences that refuse others."""

import zlib
from io import BytesIO
from pathlib import Path
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from PIL import Image

from engine.mnist import load
from engine.training import Network
from engine.training.weights import save
from pages.stack.own_numbers import (
    as_list,
    from_digit,
    from_image,
    from_weights,
    read_numbers,
)
from pages.stack.stack import StackError
from tests.for_each import for_each

A = np.array([[1.5, -2.0, 3e-5], [4.0, 0.125, -1e5]])
TWO = [[1.0, 2.0], [3.0, 4.0]]


@for_each(
    "text",
    [
        str(A), repr(A), str(A.tolist()), repr([*map(np.float64, A.ravel())]), f"x = np.{A!r}",
        str(A.astype(np.float64)).replace("-", "\N{MINUS SIGN}"), repr(A[None, :, None]),
        f"tensor({A.tolist()}, device='cuda:0', dtype=torch.float64, grad_fn=<AddBackward0>)",
    ],
)  # fmt: skip
def test_an_array_as_it_is_printed(text: str) -> None:
    if "np.float64" in text:
        assert np.array_equal(read_numbers(text, (6,)), A.ravel())
    else:
        assert np.array_equal(read_numbers(text, (2, 3)), A)


@for_each(
    ("text", "shape", "numbers"),
    [
        ("[1,2,3]", (3,), [1, 2, 3]),
        ("[1. 2. 3.]", (1, 1, 3), [[[1, 2, 3]]]),
        ("[[1], [2]]", (2,), [1, 2]),
        ("1 2\n3 4", (2, 2), TWO),
        ("1, 2, 3, 4", (2, 2), TWO),
        ("((1,2),(3,4))", (2, 2), TWO),
        ("[(1,2),(3,4)]", (2, 2), TWO),
        ("x = np.array([(1, 2,), (3, 4)])", (2, 2), TWO),
        ("array([1, 2], dtype=float32)", (2,), [1, 2]),
        ("3.5", (), 3.5),
        ("tensor(-.5)", (), -0.5),
        ("Array(-0.5, dtype=float32, weak_type=True)", (), -0.5),
        ("Parameter containing:\ntensor(2., requires_grad=True)", (1,), [2]),
        ("tensor(2., device='cuda:0', grad_fn=<MulBackward0>)", (1,), [2]),
        ("np.array(((1, 2), (3, 4)), dtype=float)", (2, 2), TWO),
        *(
            (f"torch.tensor([1, 2]).{each}()", (2,), [1, 2])
            for each in (
                *("clone", "copy", "cpu", "detach", "double", "float", "numpy", "to", "tolist"),
                *("astype", "reshape", "view"),
            )
        ),
        ("Parameter containing:\ntensor([1., 2.], requires_grad=True)", (2,), [1, 2]),
        ("np.array([1, 2], dtype=np.float32)  # 2 / 3", (2,), [1, 2]),
        ("self.conv.w = np.array([1, 2])", (2,), [1, 2]),
        ("nn.Parameter(torch.tensor([1., 2.])).view(1, -1).to(device)", (2,), [1, 2]),
        ("dx: [2.0, 0.5]", (2,), [2, 0.5]),
        ("dx [2.0, 0.5]", (2,), [2, 0.5]),
        ("[-0.0]", (1,), [0]),
    ],
)
def test_lists_and_rows(text: str, shape: Any, numbers: Any) -> None:
    found = read_numbers(text, shape)
    assert found.tolist() == numbers
    assert not np.signbit(found[found == 0]).any()


BRACKETS = "One list is needed, with as many brackets closed as opened."


@for_each(
    ("text", "shape", "said"),
    [
        ("[1, 2, 3]", (2,), "Numbers of shape (2,) are needed; got shape (3,)."),
        ("1,2,3", (2,), "Numbers of shape (2,) are needed; got shape (3,)."),
        ("[1, 2, 3, 4]", (2, 2), "Numbers of shape (2, 2) are needed; got shape (4,)."),
        ("[[1, 2, 3], [4, 5, 6]]", (3, 2), "shape (3, 2) are needed; got shape (2, 3)."),
        (
            "[[1, 2], [3]]",
            (2, 2),
            "Rows of one length are needed, in shape (2, 2); got rows of several.",
        ),
        ("[1, [2, 3]]", (3,), "Rows of one length are needed, in shape (3,); got rows of several."),
        ("[1,,2]", (2,), "Numbers are needed, as in [1, 0.5, -2]; got “,,”."),
        ("tf.constant(2.0, shape=(2,))", (2,), "got “shape=”."),
        ("[[1, 2], [, 3]]", (2, 2), "got “[,”"),
        ("1, , 2", (2,), "got “,,”"),
        ("[1, nan]", (2,), "Numbers are needed, as in [1, 0.5, -2]; got “nan”."),
        ("[1, inf]", (2,), "got “inf”"),
        ("[1e999]", (1,), "got “1e999”"),
        ("[1, -1000001]", (2,), "Finite numbers are needed, from −1,000,000 to 1,000,000."),
        ("[1e99]", (1,), "Finite numbers are needed, from −1,000,000 to 1,000,000."),
        ("[1 2 ... 9]", (9,), "The text leaves entries out (…): print the whole array."),
        ("[1, 2, …, 9]", (9,), "The text leaves entries out (…): print the whole array."),
        ("np.array([0, 255]) / 255", (2,), "as in [1, 0.5, -2]; got “/ 255”."),
        ("torch.tensor([[1, 2], [3, 4]]).T", (2, 2), "as in [1, 0.5, -2]; got “.T”."),
        ("[1, 2] - 1", (2,), "as in [1, 0.5, -2]; got “- 1”."),
        ("[1, 2]*2", (2,), "as in [1, 0.5, -2]; got “*2”."),
        ("torch.tensor([[1, 2], [3, 4]]).t()", (2, 2), "as in [1, 0.5, -2]; got “.t()”."),
        ("torch.tensor([1., 2.]).flip(0).float()", (2,), "got “.flip(0).float()”."),
        ("np.sort([3, 1, 2])", (3,), "as in [1, 0.5, -2]; got “np.sort([3, 1, 2])”."),
        ("x = torch.relu(torch.tensor([-1., 2.]))", (2,), "got “x = torch.relu(torch”."),
        ("torch.randn(2, 3)", (2,), "as in [1, 0.5, -2]; got “torch.randn(2, 3)”."),
        ("np.zeros(1)", (1,), "as in [1, 0.5, -2]; got “np.zeros(1)”."),
        ("[True]", (1,), "got “True”"),
        ("[1, 2", (2,), BRACKETS),
        ("[1, 2]]", (2,), BRACKETS),
        ("[[1, 2], [3, 4]", (2, 2), BRACKETS),
        ("[1][2]", (2,), "One list is needed, with all numbers in it; got several."),
        ("(1, 2), (3, 4)", (2, 2), "One list is needed, with all numbers in it; got several."),
        ("[" * 9 + "]" * 9, (2,), "Lists are read at most 8 deep in brackets; these go deeper."),
        ("", (1,), "got shape (0,)"),
        ("__import__('os')[0]", (1,), "got “__import__('os')[0]”"),
        ("1 " * 500_000, (1,), "At most 100,000 characters are read; this text has 1,000,000."),
    ],
)
def test_what_is_no_such_array_is_refused(text: str, shape: Any, said: str) -> None:
    with pytest.raises(StackError) as raised:
        read_numbers(text, shape)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "text", ["[0,5, \N{MINUS SIGN}1.5, 2,0, 3]", "0,5; -1,5; 2; 3", "0,5 -1,5\n2 3"]
)
def test_a_decimal_comma_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(StackError) as raised:
        read_numbers(text, (1, 4))
    said = "A comma separates numbers here; decimals have a point, as in 0.5, -1.5, 2."
    assert str(raised.value) == said


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 6), (2, 3), (2, 1, 3)])
def test_numbers_are_shown_as_they_are_read(shape: Any) -> None:
    array = np.random.default_rng(0).integers(-8, 8, shape) / 4
    shown = as_list(array)
    assert np.array_equal(read_numbers(shown, shape), array)
    assert shown.count("[") == (3 if shape[:1] == (2,) else 1), "no axis of length 1"


def test_only_some_of_many_numbers_are_shown() -> None:
    shown = as_list(np.full((1, 4, 9), -0.25))
    assert shown.split("\n")[0] == "[[-0.25, -0.25, -0.25, ..., -0.25, -0.25, -0.25],"
    assert shown.count("\n") == 3


def test_a_part_of_a_digit() -> None:
    quarters = np.round(load().images[3] / 255 * 4) / 4
    assert np.array_equal(from_digit(3, 4, 6, (2, 1, 5, 7)), [[quarters[4:9, 6:13]]] * 2)
    assert np.array_equal(from_digit(3, 0, 0, (1, 784))[0], quarters.ravel())
    assert np.array_equal(from_digit(3, 14, 2, (9,)), quarters[14, 2:11])
    numbered = r"^The digits are numbered from 0 to 9,999\.$"
    for place in ((10_000, 0, 0), (-1, 0, 0)):
        with pytest.raises(StackError, match=numbered):
            from_digit(*place, (5, 5))
    for place in ((3, 24, 0), (3, 0, -1)):
        with pytest.raises(StackError, match="has none"):
            from_digit(*place, (5, 5))
    assert np.array_equal(from_digit(3, 23, 21, (5, 7)), quarters[23:, 21:])
    for number, top, left in ((3, 24, 0), (3, 0, 22)):
        with pytest.raises(StackError) as raised:
            from_digit(number, top, left, (5, 7))
        part = f"5 × 7 pixels is needed; from row {top} and column {left} an image of 28"
        assert str(raised.value) == f"A part of {part} × 28 has none."


def packed(picture: Image.Image, kind: str, **others: Any) -> bytes:
    picture.save(file := BytesIO(), kind, **others)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_an_image_is_scaled_and_grey(kind: str) -> None:
    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("black", (0, 0, 20, 20))
    found = from_image(packed(picture, kind), (1, 2, 2, 4))
    assert np.array_equal(found, [[[[0, 0, 1, 1]] * 2] * 2])


def test_an_image_of_16_bits_keeps_its_greys() -> None:
    picture = Image.fromarray(np.array([[0, 2**14, 2**15, 2**16 - 1]], np.uint16))
    assert from_image(packed(picture, "PNG"), (4,)).tolist() == [0, 0.25, 0.5, 1]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white_paper(mode: str) -> None:
    ink = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    ink.putpixel((0, 0), (0, 0, 0, 255))
    assert from_image(packed(ink.convert(mode), "PNG"), (2,)).tolist() == [0, 1]


def test_an_image_is_upright_whichever_way_the_camera_was_held() -> None:
    """Exif 2.32's orientations, by the corner to which the stored image's white corner belongs."""
    stored = Image.new("L", (16, 16))
    stored.paste(255, (0, 0, 8, 8))
    corners = {
        1: (0, 0),
        2: (0, 1),
        3: (1, 1),
        4: (1, 0),
        5: (0, 0),
        6: (0, 1),
        7: (1, 1),
        8: (1, 0),
    }
    for orientation, corner in corners.items():
        said = Image.Exif()
        said[0x0112] = orientation
        found = from_image(packed(stored, "JPEG", exif=said), (2, 2))
        assert np.argwhere(found).tolist() == [list(corner)], orientation


def bomb(wide: int, high: int) -> bytes:
    """A PNG whose header claims this size."""
    content = bytearray(packed(Image.new("1", (1, 1)), "PNG"))
    content[16:24] = wide.to_bytes(4, "big") + high.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def without_its_size() -> bytes:
    """A PNG whose header chunk is empty."""
    content = packed(Image.new("L", (9, 9)), "PNG")
    return content[:8] + bytes(4) + b"IHDR" + zlib.crc32(b"IHDR").to_bytes(4, "big") + content[33:]


NO_IMAGE = "A PNG or a JPEG is needed; this file is none, or is damaged."
NO_ARRAYS = "An .npz file of numbers is needed; this file is none, or is damaged."
TOO_LONG = "At most 5,000,000 bytes are read, packed or not; this file has more."


@for_each(
    ("content", "said"),
    [
        (b"", NO_IMAGE),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, NO_IMAGE),
        (packed(Image.new("L", (9, 9)), "PNG")[:-30], NO_IMAGE),
        (packed(Image.new("L", (9, 9)), "GIF"), NO_IMAGE),
        (without_its_size(), NO_IMAGE),
        (bomb(6_000, 6_000), "At most 20,000,000 pixels are read; this image has 6000 × 6000."),
        (bomb(5_000, 4_000), NO_IMAGE),  # no more pixels than are read, but they are not there
        (bomb(60_000, 60_000), f"{NO_IMAGE}|pixels"),
        (b"\x00" * 5_000_001, TOO_LONG),
    ],
)
def test_an_image_that_is_none_or_too_large_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(StackError, match=said):
        from_image(content, (3, 3))


def archive(**arrays: Any) -> bytes:
    np.savez(file := BytesIO(), **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "number"), [("f2", np.inf), ("i4", -(2**31)), ("i8", -(2**63)), ("f4", np.nan)]
)
def test_an_array_of_a_small_kind_is_held_to_the_same_bounds(kind: str, number: float) -> None:
    assert from_weights(archive(w=np.ones(2, kind)), {"w": (2,)})["w"].tolist() == [1, 1]
    with pytest.raises(StackError, match="Finite numbers are needed, from −1,000,000 to 1,000,000"):
        from_weights(archive(w=np.full(2, number, kind)), {"w": (2,)})


def test_the_weights_that_training_writes(tmp_path: Path) -> None:
    network = Network.new("one-conv", seed=3)
    save(network, tmp_path / "weights.npz", {"epochs": 1})
    content = (tmp_path / "weights.npz").read_bytes()
    w1, b1, *_ = network.params
    found = from_weights(content, {"w1": (8, 1, 3, 3), "b1": (8,), "w9": (2,)})
    assert [*found] == ["w1", "b1"]
    assert np.array_equal(found["w1"], w1)
    assert found["b1"].dtype == np.float64
    assert np.array_equal(found["b1"], b1)


@for_each("dtype", ["<f4", ">f8", "<i8", "u1"])
@for_each("order", ["C", "F"])
def test_weights_of_any_numbers_in_any_order(dtype: str, order: Literal["C", "F"]) -> None:
    content = archive(w=np.array([[1, 2, 3], [4, 5, 6]], dtype, order=order))
    found = from_weights(content, {"w": (2, 3)})
    assert found["w"].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_weights_are_in_the_order_in_which_they_are_asked_for() -> None:
    names = [f"w{number}" for number in range(9)]
    content = archive(**{name: np.ones(1) for name in reversed(names)})
    assert [*from_weights(content, dict.fromkeys(names, (1,)))] == names


def test_weights_have_no_negative_zero() -> None:
    found = from_weights(archive(w=np.array([-0.0, 1])), {"w": (2,)})["w"]
    assert not np.signbit(found).any()


def zipped(name: str, content: bytes) -> bytes:
    with ZipFile(file := BytesIO(), "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def header(shape: str) -> bytes:
    """An .npy file whose header claims this shape, without the numbers."""
    np.save(file := BytesIO(), np.zeros(1))
    said = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return file.getvalue()[:10] + said.ljust(len(file.getvalue()) - 18) + b"\n"


@for_each(
    ("content", "said"),
    [
        (b"", NO_ARRAYS),
        (b"PK\x03\x04" + b"\x00" * 40, NO_ARRAYS),
        (archive(w=np.zeros((2, 3))), "w needs shape (3, 2); the file has (2, 3)."),
        (archive(v=np.zeros((3, 2))), "Arrays with the names w are needed; the file has v."),
        (archive(**{f"v{n}": np.zeros(1) for n in range(100)}), "v22, v23 and 76 more."),
        (archive(), "Arrays with the names w are needed; the file has –."),
        (archive(w=np.full((3, 2), "a")), "w needs numbers; the file has something else."),
        (archive(w=np.full((3, 2), True)), "w needs numbers; the file has something else."),
        (archive(w=np.full((3, 2), 1j)), "w needs numbers; the file has something else."),
        (archive(w=np.full((3, 2), None)), "w needs numbers; the file has something else."),
        (
            archive(w=np.full((3, 2), np.nan)),
            "Finite numbers are needed, from −1,000,000 to 1,000,000.",
        ),
        (
            archive(w=np.full((3, 2), np.inf)),
            "Finite numbers are needed, from −1,000,000 to 1,000,000.",
        ),
        (archive(w=np.zeros((3, 2)))[:-80], NO_ARRAYS),
        (zipped("w.npy", b"no array"), NO_ARRAYS),
        (
            zipped("w.npy", header("(99999999, 99999999)")),
            "w needs shape (3, 2); the file has (9999",
        ),
        (zipped("w.npy", header("(3, 2)")), NO_ARRAYS),
        (zipped("w.npy", header("(3, __import__)")), NO_ARRAYS),
        (zipped("w.npy", header("((3, 2")), NO_ARRAYS),
        (zipped("é.npy", b"").replace("é".encode(), b"\xe9\xe9"), NO_ARRAYS),
        (zipped("w.npy", bytes(5_000_001)), TOO_LONG),
        (bytes(5_000_001), TOO_LONG),
    ],
)
def test_a_file_without_these_weights_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(StackError) as raised:
        from_weights(content, {"w": (3, 2)})
    assert said in str(raised.value)
