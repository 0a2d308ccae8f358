"""What is shown of a page that is more than data: around its figure, or in its place."""
