"""Any stack of layers: its address, its shapes, what is pasted into it, its numbers."""
