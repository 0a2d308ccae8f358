"""Pages on which gradients are checked, and looked at where there is none."""
