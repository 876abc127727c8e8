"""The service's tests again, on the PostgreSQL server of this machine where there is one."""

from mcp_server.gates.tools.servers import POSTGRESQL, tests_gate

gate = tests_gate(POSTGRESQL)
