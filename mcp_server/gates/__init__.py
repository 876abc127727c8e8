"""Executable checks, the runner and its reports. Never edits the tree."""
