"""Change sets: diff, staged check, journalled apply, ledger. Never renders a template."""
