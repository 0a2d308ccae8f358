"""Training runs of many users on one server: settings, processes, places, and whose run it is."""
