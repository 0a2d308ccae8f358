"""At a kink: a slice through any page's scene, its brackets, and what every rule claims there."""
