"""The state of a page: its scene, how an address says it, what goes to it, and a prediction."""
