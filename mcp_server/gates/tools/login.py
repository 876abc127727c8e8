"""Whether a database server lets us in. Imports the drivers, so the gates ask for it in the child."""

from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine


async def refusal(url: str) -> str | None:
    """The first line of what a server says that does not let us in by this address; None where it does."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with engine.connect():
            return None
    except Exception as error:  # noqa: BLE001  # every driver has errors of its own
        return str(error.__cause__ or error).strip().partition("\n")[0]
    finally:
        await engine.dispose()
