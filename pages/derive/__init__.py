"""From a layer and its inputs to a page: letters, cells, sliders, steps, script, questions."""
