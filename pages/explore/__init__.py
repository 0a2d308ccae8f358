"""Pages on which one moves an input and watches the gradient."""
