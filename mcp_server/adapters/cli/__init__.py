"""The operations as commands for people. Modules here import heavy things only when a command runs."""
