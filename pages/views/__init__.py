"""What is shown: what stands around a figure and answers the browser, and pages of other kinds."""
