"""The kit's own tests, in the workspace that develops the kit: every room without a gate of its own."""

from mcp_server.gates.tools.kit_suite import kit_gate

gate = kit_gate("", "Tests of the kit", 200)
