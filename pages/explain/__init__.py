"""What is said of a pass: sentences and formulas, read off it."""
