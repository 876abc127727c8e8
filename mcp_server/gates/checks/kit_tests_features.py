"""The kit's own tests of features: among them dozens of random specs, each generated, migrated and proven."""

from mcp_server.gates.tools.kit_suite import kit_gate

gate = kit_gate("features", "Tests of generated features", 300)
