"""Revisions and models on the MySQL or MariaDB server of this machine, where there is one."""

from mcp_server.gates.tools.servers import MYSQL, migrations_gate

gate = migrations_gate(MYSQL)
