"""What the pages say about a pass: sentences and formulas, read off its trace."""
