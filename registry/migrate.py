"""`virkning migrate`."""

import asyncio

from registry.kit import migrating
from registry.kit.database import connected
from registry.settings import Settings


def run(settings: Settings) -> int:
    """Bring the database to this version's schema and say what was done. Raises Unavailable without a database."""
    ran = asyncio.run(_forwards(settings.database_url))
    print(f"migrated: {', '.join(ran)}" if ran else "the database is up to date")
    return 0


async def _forwards(url: str) -> list[str]:
    async with connected(url):
        return await migrating.forwards()
