"""The client's two pipes, taken out of everybody's reach."""

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wire:
    """Descriptors that lead to and from the client. Children do not inherit them."""

    incoming: int
    outgoing: int


def claim_wire(moved: Sequence[str] = ()) -> Wire:
    """Move the client's pipes off descriptors 0 and 1, which become the null device and standard error.

    The SDK does the same once it serves; done before anything else is imported, it also covers a print at import time.
    The launcher does it even before Python starts and hands over the numbers it has `moved` them to.
    """
    if moved:
        incoming, outgoing = map(int, moved)
        os.set_inheritable(incoming, False)
        os.set_inheritable(outgoing, False)
        return Wire(incoming, outgoing)
    wire = Wire(_duplicate(0), _duplicate(1))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return wire


def _duplicate(descriptor: int) -> int:
    """A private duplicate above the three standard descriptors."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
