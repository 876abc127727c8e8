"""The layer `services`."""
