"""The page "Look inside": a trained network on one image, there and back."""
