"""The only door to files, processes, git and locks. Knows neither features nor gates."""
