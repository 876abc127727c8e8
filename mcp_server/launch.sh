#!/bin/sh
# Starts the MCP server of the checkout this file lies in, whatever directory the client starts it from.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
python="$root/.venv/bin/python"
if [ ! -x "$python" ]; then
    # A git worktree has no environment of its own: it borrows that of the main checkout.
    common=$(git -C "$root" rev-parse --path-format=absolute --git-common-dir 2>/dev/null) &&
        python="${common%/.git}/.venv/bin/python"
fi
if [ ! -x "$python" ]; then
    echo "kit: the workspace $root is not set up yet; run \`make setup\` there, then start the server again." >&2
    exit 1
fi
cd "$root" || exit 1
unset PYTHONSAFEPATH
# The client's pipes become descriptors 3 and 4 before Python starts, so that nothing printed can reach the client.
exec "$python" -m mcp_server.adapters.mcp 3 4 3<&0 4>&1 0</dev/null 1>&2
