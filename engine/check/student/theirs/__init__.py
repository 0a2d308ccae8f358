"""What runs in the process of the student's code: finds out how it is called, and calls it.

Whether what it gives is right, the other process judges; here the engine's numbers only tell one
reading of an interface from another (`interfaces`, `probing`, `adapter`).
"""
