"""Checks a student's file: `python -m engine.check FILE`.

Their code runs in a process of its own (`worker`), which finds out how it is called (`loading`,
`interfaces`, `drafts`, `probing`; what it finds is a `plan`), calls it (`adapter`) and measures.
Ours asks (`questions`, `examine`), hears numbers as lines of JSON (`process`, `wire`), compares
them with the engine (`cases`, `outcome`), and says what it found (`judge`, `patterns`,
`hypotheses`, `report`).
"""
