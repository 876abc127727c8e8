"""The board of tasks, claims and leases, and the rendered view. Never marks a task done."""
