"""The language of the program: its texts by their keys, and how they are put together.

Some words stand with what they are of: `english` says which.
"""
