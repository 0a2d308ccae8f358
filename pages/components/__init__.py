"""The browser components, each a .py with its .css here and its .js in browser/; stock widgets."""
