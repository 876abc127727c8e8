"""Business rules. Know nothing of HTTP."""
