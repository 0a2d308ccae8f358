"""What runs in the process of the student's code, and knows nothing of right and wrong."""
