"""What leaves a page by its Slide button: texts, pictures, addresses, and what a lecture needs."""
