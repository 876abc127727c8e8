"""Revisions and models on the MySQL or MariaDB server of this machine, where there is one."""

from mcp_server.gates.tools.server_migrations import migrations_gate
from mcp_server.gates.tools.servers import MYSQL

gate = migrations_gate(MYSQL)
