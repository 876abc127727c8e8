"""The kit's own tests through its faces: the real MCP server and the command line, as programs."""

from mcp_server.gates.tools.kit_suite import kit_gate

gate = kit_gate("adapters", "Tests of server and command line", 180)
