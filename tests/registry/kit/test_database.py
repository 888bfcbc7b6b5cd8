"""The database behind the tables."""

import pytest

from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.tables import Worker

pytestmark = pytest.mark.usefixtures("database")


async def test_a_row_comes_back() -> None:
    async with transaction():
        await Worker(name="a", pid=1, seen_at=now()).save()
    assert await Worker.count() == 1
