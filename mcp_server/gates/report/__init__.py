"""One file per audience."""
