"""What leaves a page as text: its address, and its numbers as a framework's script."""
