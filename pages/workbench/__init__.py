"""What stands around a figure: its toolbar, what asks beside it, what it answers the browser."""
