"""Feature spec to change set. Never touches the disk: it returns values."""
