"""Two thin faces over one registry of operations."""
