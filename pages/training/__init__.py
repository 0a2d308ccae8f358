"""Training runs for many people on one server: settings, processes, places, whose run it is."""
