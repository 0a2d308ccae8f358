"""What a page remembers: its scene, what a visitor does to it, and what is asked of it."""
