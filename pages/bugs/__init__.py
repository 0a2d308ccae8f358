"""The layers that the gradient check page examines, and common bugs in their backward passes.

The engine contains none of these bugs, and only that page uses them. A broken layer computes the
right output, but its pullback contains a mistake that people make, for the shapes of this page.
`pages.bugs.layers` lists the correct layers, `pages.bugs.table` the bugs.
"""
