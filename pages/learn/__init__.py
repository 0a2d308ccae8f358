"""The page "Learn": twelve short lessons, each a picture of another page and a question."""
