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

# Ten thousand tests are objects that stay: to look again and again whether they do takes a
# quarter of the time in which they are found.
gc.set_threshold(100_000, 50, 100)

# The tests share the cores already: threads of OpenBLAS that wait for each other's part of a small
# product of matrices take more of their time than one that computes it alone. numpy reads this as
# it is imported, and so before engine.cores could say it.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

# As in a network with a proxy, which knows nothing of this machine's own servers: there is none at
# this port, so that a test that asks it, or anybody outside, fails wherever it runs.
os.environ.update(dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"))

HANGS = 300
"""Seconds after which a test shows where it hangs, and ends the run."""
_armed = -float(HANGS)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """As faulthandler_timeout does; but that starts and ends a thread for each test.

    This costs more than half of the tests do. Here it is one for all that come within a tenth of
    the time, so that it may come by so much too early.
    """
    global _armed
    if time.monotonic() - _armed > HANGS / 10:
        _armed = time.monotonic()
        stderr = item.config.stash[fault_handler_stderr_fd_key]
        faulthandler.dump_traceback_later(HANGS, exit=True, file=stderr)
