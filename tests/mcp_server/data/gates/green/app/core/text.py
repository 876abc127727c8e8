"""Words."""


def greet(name: str) -> str:
    """Greet by name, or anybody."""
    if not name:
        return "Hello"
    return f"Hello {name}"
