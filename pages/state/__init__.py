"""What a page remembers: its scene, and what a visitor does to it."""
