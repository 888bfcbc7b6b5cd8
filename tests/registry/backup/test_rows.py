"""Rows leave a database a page at a time and come into one, or it is said which does not fit."""

import math
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
from piccolo.columns import BigInt, Boolean, Bytea, Date, DoublePrecision, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.backup import rows, schema
from registry.backup.rows import batches, pages, put, values
from registry.backup.schema import Shape
from registry.backup.values import Unfit
from registry.kit.database import create_tables, drop_tables, engine, transaction

AT = datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


class Everything(Table, tablename="example_everything"):
    """Every column kind that tables may use."""

    id: Serial
    whole = Integer(null=True, default=None)
    large = BigInt(null=True, default=None)
    share = DoublePrecision(null=True, default=None)
    name = Varchar(length=5, null=True, default=None)
    text = Text(null=True, default=None)
    yes = Boolean(null=True, default=None)
    day = Date(null=True, default=None)
    at = Timestamptz(null=True, default=None)
    content = Bytea(null=True, default=None)


@pytest.fixture
async def shape(database: object) -> AsyncIterator[Shape]:
    assert database
    Everything._meta.db = engine()
    await create_tables([Everything])
    yield await schema.shape("example_everything")
    await drop_tables([Everything])


async def lines_of(shape: Shape) -> list[list[bytes]]:
    return [page async for page in pages(shape)]


def full(**changes: object) -> Everything:
    made = {
        "whole": -(2**31),
        "large": 2**62,
        "share": 0.1,
        "name": "æøå☃",
        "text": "a\nb",
        "yes": False,
        "day": date(2026, 2, 28),
        "at": AT,
        "content": b"\x00\xff",
    }
    return Everything(**{**made, **changes})


async def test_every_kind_of_column_goes_out_and_comes_in_exactly(shape: Shape) -> None:
    await Everything.insert(full(), Everything(), full(share=5e-324, large=-(2**62), content=b"", text=""))
    before = await Everything.select().order_by(Everything.id)
    (page,) = await lines_of(shape)
    assert len(page) == 3 and page[1] == b"[null,null,null,2,null,null,null,null,null,null]\n"
    await Everything.delete(force=True)
    async with transaction():
        problems: list[str] = []
        await put(shape, values([text[:-1] for text in page], shape, 1, problems))
        assert problems == []
    assert await Everything.select().order_by(Everything.id) == before
    assert await lines_of(shape) == [page]
    assert await Everything.exists().where(Everything.at == AT)  # written as the registry itself writes it


async def test_pages_grow_and_shrink_with_what_is_in_them(shape: Shape) -> None:
    await Everything.insert(*(full(text="x" * (1 << 20)) for _ in range(18)))
    await Everything.insert(*(full() for _ in range(60)))
    await Everything.delete().where(Everything.id == 5)
    sizes = [len(page) for page in await lines_of(shape)]
    assert sum(sizes) == 77
    assert sizes[:2] == [rows.FIRST_PAGE, 3]
    assert max(sizes) > rows.FIRST_PAGE


def test_lines_are_taken_in_groups_of_bounded_size() -> None:
    assert list(batches([])) == []
    assert [len(batch) for batch in batches([b"x"] * 2500)] == [1000, 1000, 500]
    assert [len(batch) for batch in batches([b"x" * (3 << 20)] * 3)] == [2, 1]


async def test_what_the_database_has_no_room_for_is_named_with_its_row(shape: Shape) -> None:
    ids = [column.name for column in shape.columns].index("id")
    columns = {column.name: place for place, column in enumerate(shape.columns)}

    def text(**given: str) -> bytes:
        cells = ["null"] * len(columns)
        cells[ids] = "1"
        for name, value in given.items():
            cells[columns[name]] = value
        return f"[{','.join(cells)}]".encode()

    problems: list[str] = []
    odd = [text(whole=str(2**31)), text(name='"longer"'), text(text='"\\u0000"'), text(share='"nan"'), text()]
    found = values([*odd, text(large=str(2**63)), b"[1]"], shape, 7, problems)
    named = [problem.split(":")[0].removeprefix("example_everything, row ") for problem in problems]
    if engine().engine_type == "postgres":
        assert (named, len(found)) == (["7", "8", "9", "12", "13"], 2)
        assert math.isnan(found[0][columns["share"]])
    else:
        assert (named, len(found)) == (["10", "12", "13"], 4)


async def test_a_row_that_the_database_refuses_is_refused_by_the_name_of_its_table(shape: Shape) -> None:
    twice = [tuple(1 if column.name == "id" else None for column in shape.columns)] * 2
    with pytest.raises(Unfit, match="example_everything: the database does not take"):
        async with transaction():
            await put(shape, twice)
    assert await Everything.count() == 0
    with pytest.raises(RuntimeError, match="within a transaction"):
        await put(shape, twice[:1])


async def test_a_value_that_is_not_of_its_column_is_named_with_its_key(shape: Shape) -> None:
    if engine().engine_type == "postgres":
        return  # PostgreSQL takes none
    await engine().run_ddl("INSERT INTO example_everything (id, text) VALUES (3, x'ff')")
    with pytest.raises(Unfit, match="example_everything, key 3: text holds a bytes"):
        await lines_of(shape)
