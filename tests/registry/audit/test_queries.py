from datetime import UTC, datetime

import pytest

from registry.audit import queries
from registry.audit.queries import count, kinds, last, page, verify_chain
from registry.audit.tables import AuditEntry
from registry.kit.clock import frozen
from registry.kit.paging import Paging
from tests.registry.audit.story import an_entry

pytestmark = pytest.mark.usefixtures("database")


async def test_an_empty_chain_is_whole() -> None:
    assert await last() is None
    assert await verify_chain() is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (AuditEntry.actor, 9),
        (AuditEntry.action, "pilots.amend"),
        (AuditEntry.object_id, 99),
        (AuditEntry.digest, "0" * 64),
        (AuditEntry.hash, "1" * 64),
        (AuditEntry.at, datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
async def test_a_changed_entry_is_found(column: object, value: object) -> None:
    for _ in range(4):
        await an_entry(by=7)
    await AuditEntry.update({column: value}).where(AuditEntry.id == 3)
    assert await verify_chain() == 3


async def test_a_removed_entry_is_found_at_the_one_after_it() -> None:
    for _ in range(4):
        await an_entry()
    await AuditEntry.delete().where(AuditEntry.id == 2)
    assert await verify_chain() == 3


async def test_a_chain_without_its_beginning_is_broken() -> None:
    await an_entry()
    await an_entry()
    await AuditEntry.delete().where(AuditEntry.id == 1)
    assert await verify_chain() == 2


async def test_a_chain_longer_than_one_batch_is_verified_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH", 2)
    for _ in range(5):
        await an_entry()
    assert await verify_chain() is None
    await AuditEntry.update({AuditEntry.actor: 9}).where(AuditEntry.id == 5)
    assert await verify_chain() == 5


async def test_a_clock_that_jumps_back_does_not_disturb_the_order() -> None:
    with frozen(datetime(2026, 11, 22, 9, tzinfo=UTC)):
        await an_entry("pilots.register")
    with frozen(datetime(2026, 11, 22, 8, tzinfo=UTC)):
        await an_entry("pilots.amend")
    entries, _ = await page(Paging())
    assert [entry.action for entry in entries] == ["pilots.amend", "pilots.register"]
    assert await verify_chain() is None


async def test_a_page_holds_its_part_and_counts_all() -> None:
    for number in range(5):
        await an_entry(object_id=number)
    entries, total = await page(Paging(number=2, size=2))
    assert ([entry.id for entry in entries], total) == ([3, 2], 5)
    assert await count() == 5


async def test_entries_are_chosen_by_kind_and_by_the_beginning_of_the_action() -> None:
    await an_entry("pilots.register")
    await an_entry("people.grant_role", kind="account")
    await an_entry("people.revoke_role", kind="account")
    assert await kinds() == ["account", "pilot"]
    assert (await page(Paging(), kind="account"))[1] == 2
    entries, total = await page(Paging(), kind="account", action="people.grant")
    assert ([entry.action for entry in entries], total) == (["people.grant_role"], 1)
    assert await page(Paging(), action="evidence") == ([], 0)
