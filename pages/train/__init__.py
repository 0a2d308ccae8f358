"""The pages about training: each a script."""
