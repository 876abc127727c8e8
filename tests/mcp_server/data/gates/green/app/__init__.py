"""A service of one endpoint."""
