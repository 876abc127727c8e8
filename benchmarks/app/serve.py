"""The child that serves one ASGI app on loopback with one uvicorn worker, on a leash.

Its standard input is the leash: a line asks for the CPU seconds used so far, and its end, whatever became of the
parent, ends the process. Run as `python -m benchmarks.app.serve MODULE:FACTORY PORT CPU`.
"""

import os
import sys
import threading
import time

import uvicorn

from benchmarks.app.limits import allow_many_sockets


def _hold_leash() -> None:
    for _line in sys.stdin:
        sys.stdout.write(f"{time.process_time()}\n")
        sys.stdout.flush()
    os._exit(0)


def main() -> None:
    factory, port, cpu = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if cpu >= 0 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cpu})
    allow_many_sockets()
    threading.Thread(target=_hold_leash, daemon=True).start()
    uvicorn.run(
        factory,
        factory=True,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,  # the service writes its own line; the floor writes none
        log_level="warning",
    )


if __name__ == "__main__":
    main()
