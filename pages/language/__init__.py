"""The language of the program: its texts by their keys, and how they are put together.

Some texts stand elsewhere, beside what they describe: `english` says which.
"""
