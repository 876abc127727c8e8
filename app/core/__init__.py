"""What every layer may use: settings, database, errors, security."""
