"""What the page about the gradient check looks at: layers, and how people get them wrong.

Nothing here is of the engine, and nothing but that page uses it. A broken layer computes the right
output; its pullback is wrong in one way in which people do write it, for the shapes that this page
has. `pages.bugs.layers` lists the right ones, `pages.bugs.table` the bugs.
"""
