"""One file per operation: request, result, one async function and its facts. Never prints, parses argv or speaks MCP."""
