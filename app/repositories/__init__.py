"""Queries. Never commit, never raise HTTP errors."""
