"""The page "Look inside": the forward and backward pass of a trained network on one image."""
