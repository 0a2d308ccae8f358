"""How many cores this process may use, and the environment of a process that uses only one.

A container often gets fewer cores than the machine has.
"""

import os
from contextlib import suppress
from math import ceil, inf
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[1]
_THREADS: Final = (
    "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
CONTROL_GROUPS: Final = Path("/sys/fs/cgroup")  # where Linux states a container's limits


def cores() -> int:
    """Return how many cores this process may use: a whole number, rounded up."""
    machine = os.cpu_count() or 1
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else machine
    return ceil(min(ours, _limit()))


def single_threaded() -> dict[str, str]:
    """Return the environment for a process that computes in one thread and can import `engine`."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.getenv("PYTHONPATH"))))
    return {**os.environ, **dict.fromkeys(_THREADS, "1"), "PYTHONPATH": path}


def _limit() -> float:
    """Return the processor time that the container gets, in cores; infinity without a limit."""
    with suppress(OSError, ValueError):  # control groups v1 have no such file; "max": no limit
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
