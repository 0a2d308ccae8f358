"""The state of a page: its scene, how an address says it; digits, predictions, quizzes."""
