"""The pages of the section Slides: one short script each."""
