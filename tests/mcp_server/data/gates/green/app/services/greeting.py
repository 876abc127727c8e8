"""Greetings."""

from app.core.text import greet


def greeting(name: str) -> str:
    """Greet in capitals."""
    return greet(name).upper()
