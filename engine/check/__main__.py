"""Checks a student's own layers: `python -m engine.check FILE`."""

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.files import silence
from engine.grader.report import FIELDS, record, report
from engine.grader.student_file import check_file

SECONDS_MOST: Final = 3600
STOPPED: Final = 130  # the exit status after Ctrl-C, the same as in shells

ABOUT: Final = """\
Checks the layers that you have written yourself. FILE is a Python file with any
of these classes, by these names or similar ones:
  Conv1D, ReLU, MaxPool, ConvBlock, Conv2D, MaxPool2D,
  Linear, Flatten, Sequential, SoftmaxCrossEntropy
each with the lab's methods: forward(x, …), which remembers what it needs, and
backward(dout), which gives dx, or (dx, dw, …) where there are more inputs.

Other interfaces are taken too where trying them leaves no doubt: weights that
the layer makes itself (.W, .weights, …), with gradients in attributes,
returned, or from the step that backward(dout, learning_rate) takes; images as
(N, H, W, C); one-hot labels; names such as Conv2d, Relu, Dense; functions
conv_forward(x, w, b, conv_param) -> out, cache with conv_backward(dout, cache).
How a layer was taken is said; where it is not certain, it is NOT CHECKED.

Each class is run on random and on special points (ties, zeros, overlapping
windows), in each form of the inputs that it takes (with channels, minibatches).
Its outputs are compared with the engine's, its gradients
with differences of its own forward and with the engine's under every rule at
kinks: whoever follows one of them consistently passes. What a class does not
offer (say, minibatches) is listed and counts neither for nor against it.

Your file runs in a process of its own, with a limit of time and, except on
Windows, of memory; what it prints is not shown."""

EXAMPLE: Final = """\
example: with the file mine.py
  import numpy as np
  class ReLU:
      def forward(self, a):
          self.a = a
          return np.maximum(0, a)
      def backward(self, dh):
          return self.a >= 0
one calls
  python -m engine.check mine.py
and reads, before the first failing case with its numbers,
  ReLU: FAILED in 30 of 35 cases
  pattern: da is not multiplied by the upstream gradient dh

exit status: 0 all classes that could be checked are right; 1 one is wrong, or
none was found, or the file cannot be run; 2 wrong usage, such as no such file,
or an output that cannot be written; 3 classes were found, and it is not certain
how to call any of them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    # Help, and a student's text, may contain what the encoding of a file or a pipe lacks.
    if sys.stdout:  # which may be closed
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(
        prog="python -m engine.check",
        description=ABOUT,
        epilog=f"{EXAMPLE}\n\n{FIELDS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a Python file of yours")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="for loading the file, and again for each class (default: 10)",
    )
    options = parser.parse_args(arguments)
    if problem := _unusable(options.file):
        parser.error(problem)
    try:
        result = check_file(options.file, options.timeout)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return STOPPED
    try:
        print(json.dumps(record(result)) if options.json else report(result), flush=True)
    except OSError as error:
        if why := silence(error):
            print(f"Standard output cannot be written to: {why}.", file=sys.stderr)
            return 2
    return result.status


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(text) <= SECONDS_MOST:
            return float(text)
    raise argparse.ArgumentTypeError(f"needs seconds above 0, at most {SECONDS_MOST}; got {text!r}")


def _unusable(file: Path) -> str:
    """Return why this is not a file to check; "" if it is one."""
    try:
        if file.is_dir():
            return f"needs a Python file; {file} is a folder"
        if not file.exists():
            return f"needs a Python file; there is no {file}"
        if not file.is_file():
            return f"needs a Python file; {file} is a device or a pipe"
        if file.suffix == ".ipynb":
            return (
                f"needs a Python file; {file} is a notebook: save it as a script first, with "
                "`jupyter nbconvert --to script`"
            )
        file.read_bytes()
    except OSError as error:
        return f"needs a file that can be read; {file}: {error.strerror}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
