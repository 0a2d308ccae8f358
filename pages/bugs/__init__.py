"""Typical bugs of a backward pass: layers that are wrong on purpose, for the check to find.

Nothing here is of the engine, and nothing but the page about the gradient check uses it. A layer
computes the right output; its pullback is wrong in one way in which people do write it, for the
shapes that this page has. `pages.bugs.table` lists them all.
"""
