"""The language of the program: its texts by their keys, and how they are put together."""
