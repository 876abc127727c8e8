"""What the operating system must allow before a thousand clients can connect at once."""

import sys


def allow_many_sockets() -> None:
    """Raise this process's own limit of open files as far as it may go."""
    if sys.platform == "win32":
        return
    import resource

    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
