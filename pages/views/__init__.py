"""The pages as they are shown: what stands around a figure, and pages that are more than data."""
