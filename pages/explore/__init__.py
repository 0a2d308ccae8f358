"""What each page is about: its scene, its pass, its sliders, its snaps and its questions."""
