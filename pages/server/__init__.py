"""What the server sends besides pages: files and headers, and by which addresses they go."""
