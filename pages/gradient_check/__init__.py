"""The gradient check: analytic beside numeric, entry by entry, and how it finds a bug."""
