"""Tables as data, and the operations that change them. Shared by features, migrations and inspection."""
