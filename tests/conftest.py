"""Settings of hypothesis, of the garbage collector, of numpy and of the network for every test."""

import faulthandler
import gc
import os
import time

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from hypothesis import settings

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("default", deadline=None, max_examples=25, print_blob=True)
settings.load_profile("default")

# The suite keeps some ten thousand test objects alive. With the default thresholds the collector's
# repeated scans of them take a quarter of the time that pytest needs to collect the tests.
gc.set_threshold(100_000, 50, 100)

# The tests already share the cores. OpenBLAS threads that wait for one another in a small matrix
# product take more processor time than one thread that computes it alone. numpy reads this variable
# on import, before engine.cores could set it.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# As in a network whose proxy cannot reach this machine's own servers. Nothing listens at this port,
# so a test that asks the proxy, for a local server or for the outside, fails wherever it runs.
os.environ.update(dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"))

HANGS = 300
"""Seconds after which a hanging test prints its traceback and ends the run."""
_armed = -float(HANGS)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Arm the timer for a hanging test, as faulthandler_timeout does, but not for every test.

    faulthandler_timeout starts and ends a thread for each test, which takes longer than most tests
    themselves. Here one timer serves all tests that start within a tenth of HANGS, so it may fire
    early by that much.
    """
    global _armed
    if time.monotonic() - _armed > HANGS / 10:
        _armed = time.monotonic()
        stderr = item.config.stash[fault_handler_stderr_fd_key]
        faulthandler.dump_traceback_later(HANGS, exit=True, file=stderr)
