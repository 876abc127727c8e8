"""Measured claims: each package here re-measures one of them by one command."""
