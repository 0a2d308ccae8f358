"""Checks a student's file: `python -m engine.check FILE`.

Their code runs in a process of its own (`worker`), which loads it (`loading`), finds out what it
has (`candidates`, `interfaces`) and how that is called (`drafts`, `probing` with its `trials`,
`forward_readings` and `backward_readings`; what they find is a `plan`), calls it (`adapter`),
measures, and says whose line raised something (`blame`). Ours asks (`questions`, `examine`), hears
numbers as lines of JSON (`process`, `wire`), compares them with the engine (`cases`, `outcome`),
and says what it found (`judge`, `patterns`, `hypotheses`, `report`).
"""
