import asyncio

import pytest

from registry.audit import actions
from registry.audit.queries import last, verify_chain
from registry.audit.rules import GENESIS, digest
from registry.audit.tables import AuditEntry
from registry.kit.database import transaction
from tests.registry.audit.story import an_entry

pytestmark = pytest.mark.usefixtures("database")


async def test_an_entry_links_to_the_one_before_it() -> None:
    first, second = await an_entry(by=None), await an_entry(by=7)
    assert (first.id, first.previous, first.actor) == (1, GENESIS, None)
    assert (second.id, second.previous, second.actor) == (2, first.hash, 7)
    assert await last() == second


async def test_only_the_digest_of_the_content_is_stored() -> None:
    async with transaction():
        entry = await actions.record(
            action="people.create_account", object_kind="account", object_id=1, content={"n": "secret word"}, by=None
        )
    assert entry.digest == digest({"n": "secret word"})
    assert "secret word" not in str(await AuditEntry.select())


async def test_an_entry_disappears_with_the_transaction_that_failed() -> None:
    await an_entry()
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await actions.record(action="pilots.amend", object_kind="pilot", object_id=1, content={}, by=None)
            raise ZeroDivisionError
    assert await AuditEntry.count() == 1
    await an_entry()
    assert await verify_chain() is None


async def test_an_entry_outside_a_transaction_is_a_bug() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        await actions.record(action="pilots.amend", object_kind="pilot", object_id=1, content={}, by=None)


async def test_a_hundred_appends_at_once_make_one_unbroken_chain() -> None:
    await asyncio.gather(*(an_entry(object_id=number) for number in range(100)))
    assert await AuditEntry.count() == 100
    assert await verify_chain() is None


async def test_nothing_in_the_slice_changes_or_removes_an_entry() -> None:
    written = {name for name, thing in vars(actions).items() if getattr(thing, "__module__", "") == actions.__name__}
    assert written == {"record", "_take_turn"}
