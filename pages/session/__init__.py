"""What a session remembers of a page: its state, Undo, the class's vote; what the browser says."""
