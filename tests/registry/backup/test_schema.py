"""Tables as the database has them, and keys that are never given twice."""

import pytest

from registry.backup import schema
from registry.backup.values import Column, Kind
from registry.kit import jobs, migrating
from registry.kit.database import engine, tables, transaction
from registry.kit.tables import Job
from tests.registry.backup.story import elsewhere

pytestmark = pytest.mark.usefixtures("database")


async def test_every_table_but_those_of_processes_is_kept_after_those_it_refers_to() -> None:
    found = await schema.shapes()
    assert list(found) == [t._meta.tablename for t in tables() if t._meta.tablename not in {"session", "worker"}]
    for table in tables():
        if table._meta.tablename in found:
            names = [column._meta.db_column_name for column in table._meta.columns]
            assert [column.name for column in found[table._meta.tablename].columns] == sorted(names)


async def test_columns_are_the_same_in_both_databases() -> None:
    shape = await schema.shape("job")
    kinds = {column.name: column.kind for column in shape.columns}
    assert kinds["id"] == kinds["attempts"] == Kind.WHOLE
    assert (kinds["progress"], kinds["cancel_requested"]) == (Kind.DOUBLE, Kind.TRUTH)
    assert (kinds["kind"], kinds["payload"], kinds["leased_until"]) == (Kind.TEXT, Kind.TEXT, Kind.MOMENT)
    upload = await schema.shape("upload")
    assert {Column("size", Kind.WHOLE), Column("retain_until", Kind.DAY)} <= set(upload.columns)


async def test_only_postgresql_has_less_room() -> None:
    rooms = [(await schema.shape(table)).room[column] for table, column in (("job", "attempts"), ("upload", "size"))]
    kind = (await schema.shape("job")).room["kind"]
    if engine().engine_type == "postgres":
        assert ([room.bound for room in rooms], kind.longest) == ([schema.SMALL, schema.LARGE], 60)
    else:
        assert ([room.bound for room in rooms], kind.longest) == ([schema.LARGE, schema.LARGE], None)


async def test_a_key_that_was_given_is_known_after_its_row_is_gone() -> None:
    assert await schema.highest("job") == 0
    keys = [await an_entry() for _ in range(3)]
    await Job.delete().where(Job.id == keys[-1])
    assert await schema.highest("job") == keys[-1] == 3


async def test_the_next_key_is_behind_the_one_told() -> None:
    await schema.go_on_after("job", 0)
    assert await an_entry() == 1
    await schema.go_on_after("job", 41)
    assert (await an_entry(), await schema.highest("job")) == (42, 42)


async def test_keys_begin_anew_where_the_highest_is_told_to_be_none() -> None:
    await an_entry()
    await Job.delete(force=True)
    await schema.go_on_after("job", 0)
    assert (await schema.highest("job"), await an_entry()) == (0, 1)


async def test_tables_of_others_and_columns_of_other_kinds_are_told() -> None:
    assert await schema.strangers() == []
    await engine().run_ddl("CREATE TABLE somebody_elses (id INTEGER, place TIMESTAMP)")
    try:
        assert await schema.strangers() == ["somebody_elses"]
        with pytest.raises(schema.Foreign, match=r"somebody_elses\.place is "):
            await schema.shape("somebody_elses")
    finally:
        await engine().run_ddl("DROP TABLE somebody_elses")


async def test_an_older_schema_has_the_tables_it_has(tmp_path: object) -> None:
    async with elsewhere(f"sqlite:///{tmp_path}/older.sqlite"):
        await migrating.forwards("registry_0001")
        assert "decision_simulation" not in await schema.shapes()


async def an_entry() -> int:
    async with transaction():
        return await jobs.enqueue("example", subject="example:1")
