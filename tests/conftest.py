"""Settings of hypothesis and of the garbage collector for every test."""

import gc

from hypothesis import settings

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("default", deadline=None, max_examples=25, print_blob=True)
settings.load_profile("default")

# Ten thousand tests are objects that stay: to look again and again whether they do takes a
# quarter of the time in which they are found.
gc.set_threshold(100_000, 50, 100)
