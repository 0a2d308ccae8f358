"""What a page is, as data (subject, picture, buttons, questions, script).

And how all of it is derived from a layer and its inputs.
"""
