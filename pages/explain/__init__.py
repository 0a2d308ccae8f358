"""What is said: sentences and formulas, read off a pass, and the language that they are said in."""
