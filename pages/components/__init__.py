"""The browser components, each .py with its .css here and its .js in browser/; stock widgets."""
