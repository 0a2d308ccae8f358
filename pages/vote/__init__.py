"""The class votes: a lecturer asks, hundreds of phones mark cells, the engine says what is right.

`ballot` is the question and its truth; `poll` is what becomes of it, from the first vote to the
reveal, and the results; `store` keeps it, in this process or in a Redis; `box` is what a lecturer's
session and the routes call; `routes` are the addresses of the phones. What the lecturer's page
knows of its vote is in `pages/session/class_vote.py`, what it shows and does in `pages/views`.
"""
