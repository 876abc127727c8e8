"""The layer `models`."""
