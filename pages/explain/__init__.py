"""What is said about an entry of a pass, in words and as formulas."""
