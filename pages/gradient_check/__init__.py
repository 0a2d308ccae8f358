"""The page of the gradient check: analytic and numeric gradients, and how the check finds a bug."""
