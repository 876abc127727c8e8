"""The service's tests again, on the MySQL or MariaDB server of this machine where there is one."""

from mcp_server.gates.tools.servers import MYSQL, tests_gate

gate = tests_gate(MYSQL)
