"""How long the kit takes for what people wait for, over MCP as clients reach it."""
