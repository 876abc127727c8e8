"""The checkers, one file per rule family."""
