"""Parsed source files and one checker per rule family. Never imports the app."""
