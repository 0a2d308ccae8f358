"""Settings of hypothesis, of the garbage collector and of the network for every test."""

import gc
import os

from hypothesis import settings

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("default", deadline=None, max_examples=25, print_blob=True)
settings.load_profile("default")

# Ten thousand tests are objects that stay: to look again and again whether they do takes a
# quarter of the time in which they are found.
gc.set_threshold(100_000, 50, 100)

# As in a network with a proxy, which knows nothing of this machine's own servers: there is none at
# this port, so that a test that asks it, or anybody outside, fails wherever it runs.
os.environ.update(dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9"))
