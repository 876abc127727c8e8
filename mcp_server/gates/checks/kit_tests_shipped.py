"""Whether the features that ship with the service still are what their specs produce."""

from mcp_server.gates.tools.kit_suite import kit_gate

gate = kit_gate("shipped", "Shipped features", 1.5)
