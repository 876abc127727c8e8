"""Publishes rules/*.md as the files of each coding tool. The rule logic is in architecture/."""
