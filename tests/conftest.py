"""Settings of hypothesis for every test."""

from hypothesis import settings

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("default", deadline=None, max_examples=25, print_blob=True)
settings.load_profile("default")
