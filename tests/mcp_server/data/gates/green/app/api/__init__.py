"""The layer `api`."""
