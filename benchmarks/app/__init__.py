"""The service beside a hand-written floor, on PostgreSQL, in one run: `python -m benchmarks.app`."""
