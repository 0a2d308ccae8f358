"""How many cores there are to share work among, and how a process is told to take one of them.

In a container there are often fewer than the machine has.
"""

import os
from contextlib import suppress
from math import ceil, inf
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[1]
_THREADS: Final = (
    *("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)
CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")
"""Where Linux says what a container may use."""


def cores() -> int:
    """Those that this process may use, at least one; of a share of a core the whole."""
    machine = os.cpu_count() or 1
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else machine
    return ceil(min(ours, _limit()))


def single_threaded() -> dict[str, str]:
    """The environment of a process that computes in one thread, and imports what we do."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.getenv("PYTHONPATH"))))
    return {**os.environ, **dict.fromkeys(_THREADS, "1"), "PYTHONPATH": path}


def _limit() -> float:
    """The time that a container gets, in cores; infinity where nothing limits it."""
    with suppress(OSError, ValueError):  # of the first version, or "max"
        quota, period = (CONTROL_GROUPS / "cpu.max").read_text(encoding="ascii").split()
        return int(quota) / int(period)
    first = CONTROL_GROUPS / "cpu"
    with suppress(OSError, ValueError):
        quota, period = (
            (first / f"cpu.cfs_{name}_us").read_text(encoding="ascii")
            for name in ("quota", "period")
        )
        if int(quota) > 0:
            return int(quota) / int(period)
    return inf
