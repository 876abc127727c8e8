"""Splices the difference of two generated sources into a file that people have edited. Located by syntax; no disk."""
