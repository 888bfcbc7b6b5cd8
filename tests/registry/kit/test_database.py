"""The database behind the tables: the same promises on SQLite and on PostgreSQL."""

import asyncio
from contextvars import Context
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from piccolo.columns import Boolean, Date, DoublePrecision, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz
from piccolo.constraints import Check, Unique
from piccolo.engine.exceptions import TransactionError
from piccolo.table import Table

from registry.kit.clock import now
from registry.kit.database import (
    begin,
    create_tables,
    creation,
    drop_tables,
    engine,
    open_engine,
    saved,
    snapshot,
    take_turn,
    transaction,
)
from registry.kit.postgres import PostgresqlEngine
from registry.kit.sqlite import SqliteEngine
from registry.kit.tables import Job, Worker


class Parent(Table, tablename="example_parent"):
    """Every column kind that tables may use."""

    id: Serial
    whole = Integer(null=True, default=None)
    share = DoublePrecision(default=0.0)
    text = Text()
    day = Date(null=True, default=None)
    at = Timestamptz(null=True, default=None)
    yes = Boolean(default=True)
    one_pair = Unique([whole, text])
    share_is_a_share = Check("share >= 0 AND share <= 1")


class Offspring(Table, tablename="example_offspring"):
    """Refers to the other."""

    id: Serial
    parent = ForeignKey(Parent, null=False, on_delete=OnDelete.restrict)
    number = Integer()
    one_pair = Unique([parent, number])


@pytest.fixture
async def family(database: object) -> object:
    for table in (Parent, Offspring):
        table._meta.db = engine()
    await create_tables([Parent, Offspring])
    yield database
    await drop_tables([Parent, Offspring])


@pytest.mark.usefixtures("family")
async def test_values_come_back_as_they_went_in() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=timezone(timedelta(hours=2)))
    document = msgspec.json.encode({"æ": [1, None, 0.1]}).decode()
    await Parent(whole=-(2**31), share=0.1, text=document, day=date(2026, 2, 28), at=at, yes=False).save()
    row = await Parent.select().first()
    assert row is not None
    assert row["at"] == at and row["at"].utcoffset() == timedelta(0)
    assert (row["whole"], row["share"], row["day"], row["yes"]) == (-(2**31), 0.1, date(2026, 2, 28), False)
    assert msgspec.json.decode(row["text"]) == {"æ": [1, None, 0.1]}


@pytest.mark.usefixtures("family")
async def test_times_are_compared_as_times() -> None:
    moment = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    for number, extra in enumerate((0, 1, 999_999, 1_000_000)):
        await Parent(whole=number, at=moment + timedelta(microseconds=extra)).save()
    rows = await Parent.select(Parent.whole).where(Parent.at > moment).order_by(Parent.at)
    assert [row["whole"] for row in rows] == [1, 2, 3]
    abroad = (moment + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-7)))
    assert await Parent.count().where(Parent.at >= abroad) == 1


@pytest.mark.usefixtures("family")
async def test_what_an_update_returns_is_typed_like_what_a_select_does() -> None:
    await Parent(whole=1, at=now()).save()
    updated = (
        await Parent.update({Parent.whole: 2}).where(Parent.whole == 1).returning(Parent.id, Parent.at, Parent.yes)
    )
    assert updated == await Parent.select(Parent.id, Parent.at, Parent.yes)


@pytest.mark.usefixtures("family")
async def test_checks_and_unique_pairs_hold() -> None:
    await Parent(whole=1, text="a").save()
    with pytest.raises(Exception, match=r"(?i)check"):
        await Parent(whole=2, share=1.5).save()
    with pytest.raises(Exception, match="conflict"):
        await Parent(whole=1, text="a").save()
    assert await Parent.count() == 1


@pytest.mark.usefixtures("family")
async def test_a_row_that_is_referred_to_stays_and_a_key_is_never_used_twice() -> None:
    await Parent(whole=1).save()
    await Offspring(parent=1, number=1).save()
    with pytest.raises(Exception, match="conflict"):
        await Parent.delete().where(Parent.id == 1)
    await Offspring.delete(force=True)
    await Parent.delete(force=True)
    again = Parent(whole=2)
    await again.save()
    assert again.id == 2


@pytest.mark.usefixtures("database")
async def test_an_inner_transaction_is_part_of_the_outer() -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            async with transaction():
                await Worker(name="inner", pid=1, seen_at=now()).save()
            raise ZeroDivisionError
    assert await Worker.count() == 0
    async with transaction():
        await Worker(name="outer", pid=1, seen_at=now()).save()
        async with transaction():
            await Worker(name="inner", pid=1, seen_at=now()).save()
    assert await Worker.count() == 2


@pytest.mark.usefixtures("database")
async def test_an_edit_that_compares_versions_loses_no_update() -> None:
    job = Job(kind="edited", subject="x", state="queued", created_at=now())
    await job.save()

    async def edit() -> int:
        for tries in range(1, 1000):
            seen = await Job.select(Job.fence, Job.attempts).where(Job.id == job.id).first()
            assert seen is not None
            change: dict[Any, int] = {Job.attempts: seen["attempts"] + 1, Job.fence: seen["fence"] + 1}
            mine = Job.update(change).where(Job.id == job.id, Job.fence == seen["fence"])
            if await mine.returning(Job.id):
                return tries
        raise AssertionError("never won")

    tries = await asyncio.gather(*(edit() for _ in range(50)))
    row = await Job.select(Job.fence, Job.attempts).where(Job.id == job.id).first()
    assert row == {"fence": 50, "attempts": 50}
    assert sum(tries) >= 50


@pytest.mark.usefixtures("database")
async def test_a_snapshot_is_of_one_moment_while_writers_go_on() -> None:
    async def hire(number: int) -> None:
        async with transaction():
            await Worker(name=f"w{number}", pid=number, seen_at=now()).save()

    await hire(1)
    async with snapshot():
        assert await Worker.count() == 1
        elsewhere = asyncio.get_running_loop().create_task(hire(2), context=Context())
        await asyncio.wait_for(elsewhere, 5)
        assert await Worker.count() == 1
        assert len(await engine().run_ddl("SELECT id FROM worker")) == 1
    assert await Worker.count() == 2
    await hire(3)  # the connection that was given back is as any other


@pytest.mark.usefixtures("database")
async def test_a_snapshot_is_over_when_its_block_fails_and_never_inside_a_transaction() -> None:
    with pytest.raises(ZeroDivisionError):
        async with snapshot():
            assert await Worker.count() == 0
            raise ZeroDivisionError
    async with transaction():
        with pytest.raises(TransactionError):
            async with snapshot():
                pass
        await Worker(name="w", pid=1, seen_at=now()).save()
    assert await Worker.count() == 1


@pytest.mark.usefixtures("database")
async def test_a_pool_that_was_closed_opens_again_by_itself() -> None:
    await engine().close_connection_pool()
    assert await Worker.count() == 0
    async with transaction():
        assert await Worker.count() == 0


def test_the_url_chooses_the_database(tmp_path: Path) -> None:
    assert isinstance(open_engine(f"sqlite:///{tmp_path}/new/folder/x.sqlite"), SqliteEngine)
    assert isinstance(open_engine("postgresql://somebody@nowhere.invalid/x"), PostgresqlEngine)
    with pytest.raises(ValueError, match="sqlite"):
        open_engine("oracle://x")


@pytest.mark.usefixtures("family")
async def test_constraints_are_named_after_their_table() -> None:
    assert creation(Parent)[0].count('CONSTRAINT "example_parent_one_pair" UNIQUE ("whole", "text")') == 1
    assert creation(Offspring)[0].count('CONSTRAINT "example_offspring_one_pair"') == 1


@pytest.mark.usefixtures("database")
async def test_who_takes_turns_with_a_row_reads_what_the_one_before_wrote() -> None:
    worker = Worker(name="counted", pid=0, seen_at=now())
    await worker.save()

    async def up() -> None:
        async with transaction():
            await take_turn(Worker, worker.id)
            row = await Worker.select(Worker.pid).where(Worker.id == worker.id).first()
            await asyncio.sleep(0)
            assert row is not None
            await Worker.update({Worker.pid: row["pid"] + 1}).where(Worker.id == worker.id)

    await asyncio.gather(*(up() for _ in range(20)))
    row = await Worker.select(Worker.pid).where(Worker.id == worker.id).first()
    assert row is not None and row["pid"] == 20


@pytest.mark.usefixtures("family")
async def test_rows_that_refer_to_one_in_turn_are_written_meanwhile() -> None:
    """Else two who both wrote such a row and then take their turn would wait for each other."""
    parent = Parent(text="one")
    await parent.save()

    async def refer(number: int) -> None:
        async with transaction():
            await Offspring(parent=parent.id, number=number).save()
            await asyncio.sleep(0.01)
            await take_turn(Parent, parent.id)

    await asyncio.gather(*(refer(number) for number in range(6)))
    assert await Offspring.count() == 6


@pytest.mark.usefixtures("database")
async def test_something_is_saved_when_the_outermost_transaction_is_committed() -> None:
    begin()
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            async with transaction():
                await Worker(name="lost", pid=1, seen_at=now()).save()
            assert not saved(), "the inner one joins the outer"
            raise ZeroDivisionError
    assert not saved()
    async with transaction():
        await Worker(name="kept", pid=1, seen_at=now()).save()
    assert saved()
    begin()
    assert not saved()
