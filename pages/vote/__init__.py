"""The class votes: a lecturer asks, hundreds of phones mark cells, the engine says what is right.

`ballot` makes the question and its truth of a page's scene; `poll` is what becomes of it, from the
first vote to the reveal, and the results; `store` keeps it, in this process or in a Redis; `box` is
what a lecturer's session and the routes call; `routes` are the addresses of the phones. `classroom`
is what the lecturer's page shows and does, and `class_vote` what it knows of its vote.
"""
