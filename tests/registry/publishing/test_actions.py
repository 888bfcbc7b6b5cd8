"""Taking a bundle is noted with its hash, and only where it is taken."""

import hashlib
from pathlib import Path

import pytest

from registry.audit.rules import digest
from registry.audit.tables import AuditEntry
from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.publishing.actions import take
from registry.publishing.queries import bundle
from tests.registry.people.story import an_account
from tests.registry.recommendations.story import telecare_recommended

pytestmark = pytest.mark.usefixtures("database")


async def test_each_taking_is_noted_with_who_took_which_bytes(tmp_path: Path) -> None:
    cast, made = await telecare_recommended(tmp_path)
    content = await take(made, by=cast.lead)
    assert content == await bundle(cast.lead, made)
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["object_kind"], entry["object_id"]) == ("publishing.take", "recommendation", made)
    assert entry["actor"] == cast.lead.id
    assert entry["digest"] == digest({"bundle": hashlib.sha256(content).hexdigest()})


async def test_who_may_not_see_it_takes_nothing_and_nothing_is_noted(tmp_path: Path) -> None:
    _, made = await telecare_recommended(tmp_path)
    stranger = await an_account(Role.EVALUATOR)
    before = await AuditEntry.count()
    with pytest.raises(NotFound):
        await take(made, by=stranger)
    assert await AuditEntry.count() == before
