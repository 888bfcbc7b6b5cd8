"""What `virkning seed` does.

Everything goes through the slices' own actions, so that what the pages show was checked and audited as it was entered.
What is there already is left alone, so that running it again changes nothing.
"""

import asyncio
import sys

from registry.kit import migrating
from registry.kit.database import connected
from registry.kit.errors import Conflict
from registry.seeding import accounts, catalogue, programme, reference
from registry.seeding.cast import assemble
from registry.settings import Settings

NO_DEMO = "virkning: SEED=demo enters accounts whose password is printed; it needs DEMO=yes, which `virkning demo` sets"
FIRST = "the first administrator: {email}  {password}  (shown this once; change it after signing in)"


def run(settings: Settings) -> int:
    """The main of `virkning seed`. Returns 2 for demo data asked for outside demo mode."""
    if settings.seed == "demo" and not settings.demo:
        print(NO_DEMO, file=sys.stderr)
        return 2
    password = asyncio.run(_connected_load(settings))
    if password is not None:
        print(FIRST.format(email=accounts.ADMINISTRATOR, password=password))
    return 0


async def load(settings: Settings) -> str | None:
    """Fill the bound database; the answer is the first administrator's password when one was entered."""
    await reference.load()
    if settings.seed != "demo" or not settings.demo:
        return await accounts.first_administrator()
    await accounts.load(settings)
    await catalogue.load()
    cast = await assemble()
    if cast is not None:
        await programme.register(cast)
        await programme.begin()
    return None


async def _connected_load(settings: Settings) -> str | None:
    async with connected(settings.database_url):
        if await migrating.pending():
            raise Conflict("The database has not the tables of this version yet. Run `virkning migrate` first.")
        return await load(settings)
