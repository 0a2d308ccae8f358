"""Class votes: a lecturer asks, hundreds of phones mark cells, the engine says what is right.

`poll` has the question and its truth, takes them from the first vote to the reveal, and has the
results. `store` keeps polls and votes, in this process or in a Redis. `box` is what a lecturer's
session and the routes call. `routes` are the addresses that phones open. What the lecturer's page
remembers of its vote is in `pages/session/class_vote.py`; what it shows and does is in
`pages/views`.
"""
