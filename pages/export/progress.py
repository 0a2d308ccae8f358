"""What a batch says while it runs: a line for each file, and on a terminal how far it is."""

import shutil
import sys
from pathlib import Path
from typing import Final

BAR: Final = 24
"""Signs of the bar."""


class Progress:
    """Files that are written go to standard output, what fails to standard error, with the bar."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failures = 0
        self._shown = False
        self._show()

    def written(self, path: Path) -> None:
        """A file is there."""
        self.done += 1
        self._hide()
        print(path, flush=True)
        self._show()

    def failed(self, name: str, said: str) -> None:
        """A file, or a scene, could not be made; why."""
        self.failures += 1
        self._hide()
        sentence = said if said.endswith((".", "!", "?")) else f"{said}."
        print(sentence if name in said else f"{name}: {sentence}", file=sys.stderr, flush=True)
        self._show()

    def close(self) -> None:
        """The end: no bar any more; where something failed, how much."""
        self._hide()
        if self.failures:
            print(f"{self.done} written, {self.failures} not.", file=sys.stderr)

    def _show(self) -> None:
        behind = self.done + self.failures
        if not sys.stderr.isatty() or behind >= self.total:
            return
        full = BAR * behind // self.total
        line = f"[{'#' * full}{'.' * (BAR - full)}] {behind} of {self.total}"
        print(line, end="", file=sys.stderr, flush=True)
        self._shown = True

    def _hide(self) -> None:
        if self._shown:
            blank = " " * (shutil.get_terminal_size().columns - 1)
            print(f"\r{blank}\r", end="", file=sys.stderr, flush=True)
        self._shown = False
