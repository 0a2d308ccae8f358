"""What each class is asked: its features, and the points at which they are tried."""
