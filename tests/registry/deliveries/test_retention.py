"""Moments go on the promised day."""

from datetime import timedelta
from pathlib import Path

import pytest

from registry.audit.tables import AuditEntry
from registry.datasets.holdings import holdings
from registry.deliveries import queries
from registry.deliveries.retention import sweep
from registry.deliveries.tables import Delivery, Sending
from registry.kit.clock import today
from registry.kit.errors import Conflict
from tests.registry.deliveries.story import a_shared_cast, delivered, gather_by

pytestmark = pytest.mark.usefixtures("database")


async def test_moments_are_deleted_on_their_day_and_what_is_known_stays(tmp_path: Path) -> None:
    cast = await a_shared_cast()
    await delivered(cast, tmp_path, (0, 1))
    await sweep(tmp_path)
    assert len((await queries.deliveries(cast.lead, cast.pilot)).delivered) == 2
    await Sending.update({Sending.retain_until: today() - timedelta(days=1)}).where(Sending.id > 0)
    await sweep(tmp_path)
    await sweep(tmp_path)
    found = await queries.deliveries(cast.lead, cast.pilot)
    assert (found.delivered, len(found.replaced)) == ((), 2)
    assert all(one.deleted_at is not None and one.shared.rows == 144 for one in found.replaced)
    assert await Delivery.count().where(Delivery.content.is_not_null()) == 0
    left = await holdings(tmp_path)
    assert (left.missing, left.promised, left.orphans, left.leftovers) == ((), (), (), ())
    assert await AuditEntry.count().where(AuditEntry.action == "deliveries.expire") == 2
    with pytest.raises(Conflict):
        await gather_by(cast, tmp_path)
