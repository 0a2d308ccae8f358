"""The page "Learn": short lessons, each a picture of another page and a question."""
