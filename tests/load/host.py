"""The memory and processor time that the server's processes use, read from /proc."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Use:
    """Bytes of memory, and seconds of processor time so far, of processes and their descendants."""

    memory: int
    seconds: float


def use(pids: Sequence[int]) -> Use | None:
    """Return what processes and their descendants use; None if the system does not report it."""
    if not pids or not _PROC.is_dir():
        return None
    memory, ticks = 0, 0
    for each in (each for pid in pids for each in _family(pid)):
        try:
            fields = Path(_PROC, each, "stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended in the meantime
        ticks += int(fields[11]) + int(fields[12])
        memory += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return Use(memory, ticks / os.sysconf("SC_CLK_TCK"))


def _family(pid: int) -> list[str]:
    family = [str(pid)]
    for each in family:
        for children in Path(_PROC, each, "task").glob("*/children"):
            try:
                family += children.read_text("ascii").split()
            except OSError:
                continue
    return family
