"""`python -m mcp_server.adapters.mcp [IN OUT]`: the server over standard input and output, or over these descriptors."""

import sys
from collections.abc import Sequence

from mcp_server.adapters.mcp.wire import claim_wire


def main(descriptors: Sequence[str] = ()) -> int:
    wire = claim_wire(descriptors)  # first of all: see there
    try:
        from mcp_server.adapters.mcp.stdio import serve_stdio
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("mcp_server"):
            raise
        sys.stderr.write(
            f"kit: the environment lacks {error.name}; run `make setup` in the workspace again.\n"
        )
        return 1
    return serve_stdio(wire)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
