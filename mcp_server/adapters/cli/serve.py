"""`kit serve`."""


def serve() -> None:
    """Start the MCP server on stdin and stdout.

    Coding tools start it by themselves: see .mcp.json, .cursor/mcp.json and .vscode/mcp.json.
    """
    import typer

    from mcp_server.adapters.mcp.__main__ import main

    raise typer.Exit(main())
