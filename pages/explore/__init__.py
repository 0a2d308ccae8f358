"""What each page of Explore is about: its scene, its pass, its sliders, snaps and questions."""
