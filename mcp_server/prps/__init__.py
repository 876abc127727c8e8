"""The PRP model and its static check. Never runs a gate."""
