"""The layer `core`."""
