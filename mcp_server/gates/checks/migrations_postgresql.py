"""Revisions and models on the PostgreSQL server of this machine, where there is one."""

from mcp_server.gates.tools.server_migrations import migrations_gate
from mcp_server.gates.tools.servers import POSTGRESQL

gate = migrations_gate(POSTGRESQL)
