"""Revisions and models on the PostgreSQL server of this machine, where there is one."""

from mcp_server.gates.tools.servers import POSTGRESQL, migrations_gate

gate = migrations_gate(POSTGRESQL)
