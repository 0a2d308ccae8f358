"""Weights as .npz files, without pickle: saved as a whole or not at all, and checked on loading.

A file has an array for each parameter under its name (w1, b1, …) and two text arrays:
`architecture`, a slug, and `about`, a JSON object that says where the numbers come from.
"""

import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from os.path import exists
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.lib.npyio import NpzFile

from engine import files
from engine.arrays import all_finite
from engine.errors import DataError
from engine.training.network import ARCHITECTURES, Network

_SHIPPED: Final = Path(__file__).parent / "shipped.npz"


class Saved(NamedTuple):
    """What a file contains: the network, and a note about it."""

    network: Network
    about: dict[str, Any]


def save(network: Network, path: str | Path, about: Mapping[str, Any] | None = None) -> None:
    """Write the parameters, and a note that JSON can express.

    The file is written as a whole or stays as it was, since it is first written under another name.
    Raises DataError if that fails: a full disk, a folder that is missing or not writable.
    """
    path = Path(path)
    arrays: dict[str, Any] = dict(zip(network.names, network.params, strict=True))
    arrays["architecture"] = np.array(network.architecture.slug)
    arrays["about"] = np.array(json.dumps(dict(about or {})))
    np.savez(file := BytesIO(), **arrays)
    try:
        files.write_whole(path, file.getvalue())
    except OSError as error:
        there = exists(path)  # noqa: PTH110 - Path.exists raises if the name is too long
        kept = "the file that was there is as it was" if there else "nothing is there"
        raise DataError(f"{_unwritten(path, error)}; {kept}") from error


def check_place(path: Path) -> None:
    """Raise DataError if `save` could not write this file, before hours of training are lost."""
    try:
        files.check_place(path)
    except OSError as error:
        raise DataError(_unwritten(path, error)) from error


def load(path: str | Path, architecture: str | None = None) -> Saved:
    """Return what `save` wrote; architecture: the one that the file must have, or None for any.

    Raises DataError, naming the file and the array, for a file that is missing, damaged, or of
    another architecture, and for arrays of other names or shapes, or not of finite floats.
    """
    path = Path(path)
    arrays = _arrays(path)
    slug = str(arrays.get("architecture", architecture))
    if slug not in ARCHITECTURES or architecture not in (None, slug):
        wanted = architecture or f"one of {', '.join(ARCHITECTURES)}"
        raise DataError(f"weights: {path} needs the architecture {wanted}; got {slug!r}")
    network = Network.new(slug)
    params = []
    for name, initial in zip(network.names, network.params, strict=True):
        if name not in arrays:
            raise DataError(f"weights: {path} needs the array {name} for {slug}; got none")
        array = arrays[name]
        if array.shape != initial.shape:
            raise DataError(
                f"weights: {path} needs {name} of shape {initial.shape} for {slug}; "
                f"got {array.shape}"
            )
        with np.errstate(over="ignore"):  # what is too large for float32 is refused like inf
            param = array.astype(np.float32) if array.dtype.kind == "f" else None
        if param is None or not all_finite(param):
            raise DataError(f"weights: {path} needs finite floating numbers in {name}")
        params.append(param)
    if extra := sorted(arrays.keys() - {*network.names, "architecture", "about"}):
        raise DataError(f"weights: {path} needs no array {extra[0]} for {slug}; got one")
    return Saved(Network(ARCHITECTURES[slug], tuple(params)), _note(path, arrays.get("about")))


@cache
def shipped() -> Saved:
    """Return the small network that comes with the program, and how it was made (see README.md)."""
    return load(_SHIPPED)


def _arrays(path: Path) -> dict[str, Any]:
    """Return all arrays in the file, by name."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"weights: needs the file {path}; got none there") from error
    except OSError as error:
        raise DataError(f"weights: {path} cannot be read: {error.strerror}") from error
    try:
        file = np.load(BytesIO(content), allow_pickle=False)
        if isinstance(file, NpzFile):
            # A member that is not a .npy file comes as bytes.
            return {name: np.asarray(file[name]) for name in file.files}
    except Exception as error:
        # One damaged byte may claim an encryption, a codec or 28 PiB, for which zipfile and numpy
        # raise errors of many kinds; numpy's message is left out, as it advises trusting the file.
        raise DataError(f"weights: {path} is damaged, or no .npz file of numbers") from error
    raise DataError(f"weights: {path} needs named arrays, as in an .npz file; got a single one")


def _note(path: Path, text: Any) -> dict[str, Any]:
    try:
        note = json.loads(str(text)) if text is not None else {}
    except (ValueError, RecursionError) as error:
        raise DataError(f"weights: {path} needs JSON in 'about': {error}") from error
    return note if isinstance(note, dict) else {}


def _unwritten(path: Path, error: OSError) -> str:
    return f"weights: {path} cannot be written: {error.strerror}"
