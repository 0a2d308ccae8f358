"""The browser components: each .py beside its .js and .css."""
