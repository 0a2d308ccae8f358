"""What all wrong numbers of a class have in common: hypotheses, each a way to get them wrong."""
