"""The kit's own tests of its operations on a copy of this workspace: among them processes killed at every write."""

from mcp_server.gates.tools.kit_suite import kit_gate

gate = kit_gate("operations", "Tests of operations", 150)
