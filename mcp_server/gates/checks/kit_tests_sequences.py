"""The kit's own tests of changes in sequence: drawn ones, many at once, and what they leave behind proven by the gates."""

from mcp_server.gates.tools.kit_suite import kit_gate

gate = kit_gate("sequences", "Tests of changes in sequence", 200)
