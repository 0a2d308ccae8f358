"""Check a student's file: `python -m engine.check FILE`.

The student's code runs in a process of its own (`worker`). There the file is loaded (`loading`),
its layers are found (`candidates`, `interfaces`), and trying shows how each one is called
(`describing`; `drafts`, `probing` with its `trials`, `forward_readings` and `backward_readings`;
the result is a `plan`). The layer is then called (`adapter`), its gradients are checked by
differences, and errors are traced to a line of the student's (`blame`).
The engine's own process runs the check (`student_file`). It asks the questions (`questions`,
`examine`), receives the numbers as lines of JSON (`process`, `wire`), compares them with the
engine's (`cases`, `outcome`), and says what it found (`judge`, `patterns`, `hypotheses`, `report`).
"""
