"""What every page is, as data: its subject, picture, buttons, questions, script.

And how these follow from a layer and its inputs.
"""
