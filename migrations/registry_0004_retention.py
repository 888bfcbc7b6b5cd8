"""Differences between versions, and rows that are kept longer or go; frozen: a later migration changes them."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Date, ForeignKey, OnDelete, Serial, Text, Timestamptz
from piccolo.table import Table

from registry.kit.database import create_tables, drop_tables

ID = "registry_0004"


def key(table: type[Table], **options: Any) -> ForeignKey[Any]:
    return ForeignKey(table, on_delete=OnDelete.restrict, **{"null": False, **options})


class Account(Table, tablename="account"):
    id: Serial


class DatasetVersion(Table, tablename="dataset_version"):
    id: Serial


class Comparison(Table, tablename="dataset_comparison"):
    id: Serial
    version = key(DatasetVersion, unique=True)
    differences = Text()


class Extension(Table, tablename="dataset_extension"):
    id: Serial
    version = key(DatasetVersion)
    was = Date(null=False, default=None)
    until = Date(null=False, default=None)
    reason = Text()
    extended_by = key(Account)
    extended_at = Timestamptz(null=False, default=None)


class Deletion(Table, tablename="dataset_deletion"):
    id: Serial
    version = key(DatasetVersion, unique=True)
    reason = Text(default="")
    deleted_by = key(Account, null=True)
    deleted_at = Timestamptz(null=False, default=None)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description="what differs, and rows that go")

    async def create() -> None:
        await create_tables([Comparison, Extension, Deletion])

    async def drop() -> None:
        await drop_tables([Comparison, Extension, Deletion])

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
