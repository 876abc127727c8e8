"""Reading Python source, one text at a time.

CPython before 3.13 counts the depth of a tree per interpreter, not per thread: while one thread builds a tree, the
garbage collector may let another one in, and both end in `SystemError: AST constructor recursion depth mismatch`.
"""

import ast
from threading import Lock

_ALONE = Lock()


def parse(source: str | bytes) -> ast.Module:
    """The tree of a module.

    Raises SyntaxError for all that cannot be read: also for NUL, half a surrogate pair and what is nested too deeply, which
    `ast.parse` has other errors for.
    """
    try:
        with _ALONE:
            return ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "it is nested too deeply") from error


def lines(source: str) -> list[str]:
    """The lines as syntax trees count them: a form feed or U+2028 ends none, which `str.splitlines` takes for ends."""
    return [line.decode() for line in source.encode().splitlines()]


def require_valid(source: bytes) -> None:
    """Raise SyntaxError for everything that Python would refuse on import.

    `compile` sees more than `ast.parse`: a `return` outside a function, two arguments of one name.
    """
    with _ALONE:
        compile(source, "<source>", "exec", dont_inherit=True)
