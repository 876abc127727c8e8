"""Optional parts of the service, which are installed as extras of the distribution."""


class MissingExtra(RuntimeError):
    """A setting asks for a library that is not installed."""

    def __init__(self, setting: str, extra: str) -> None:
        super().__init__(f"{setting} needs an extra: pip install 'fastapi-agent-kit[{extra}]'")
