"""Which database, what would run, is it safe, does it round-trip. Never decides from regular expressions over SQL."""
