"""All presets as pictures: their groups, their thumbnails, and what the browser draws slides of."""
