"""`make demo`: an agent's working day in one minute, through the real client, server, gates and HTTP."""
