"""From the tables and promises of a feature that was written by hand to the spec that comes closest. Never touches the disk."""
