"""Moments that authorities deliver instead of rows; frozen: a later migration changes them."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.kit.database import create_tables, drop_tables

ID = "registry_0006"


def key(table: type[Table], **options: Any) -> ForeignKey[Any]:
    return ForeignKey(table, on_delete=OnDelete.restrict, **{"null": False, **options})


class Account(Table, tablename="account"):
    id: Serial


class Organisation(Table, tablename="organisation"):
    id: Serial


class Pilot(Table, tablename="pilot"):
    id: Serial


class Plan(Table, tablename="plan"):
    id: Serial


class DatasetVersion(Table, tablename="dataset_version"):
    id: Serial


class Sending(Table, tablename="moments_sending"):
    id: Serial
    pilot = key(Pilot)
    plan = key(Plan)
    files = Text()
    state = Varchar(length=20)
    findings = Text(default="[]")
    purpose = Varchar(length=300)
    legal_basis = Varchar(length=300)
    retain_until = Date(null=False, default=None)
    job = Integer(null=True, default=None)
    sent_by = key(Account)
    sent_at = Timestamptz(null=False, default=None)


class Delivery(Table, tablename="moments_delivery"):
    id: Serial
    sending = key(Sending)
    plan = key(Plan)
    authority = key(Organisation)
    filename = Varchar(length=200)
    size = Integer(null=False, default=0)
    sha256 = Varchar(length=64)
    content = Text(null=True, default=None)
    shared = Text()
    sheet = Text()
    stored_at = Timestamptz(null=False, default=None)
    deleted_at = Timestamptz(null=True, default=None)
    deleted_by = key(Account, null=True)
    deleted_reason = Text(default="")


class Contribution(Table, tablename="dataset_contribution"):
    id: Serial
    version = key(DatasetVersion)
    delivery = Integer(null=False, default=0)
    authority = key(Organisation)
    sent_by = key(Account)
    gone_at = Timestamptz(null=True, default=None)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description="moments instead of rows")

    async def create() -> None:
        await create_tables([Sending, Delivery, Contribution])

    async def drop() -> None:
        await drop_tables([Sending, Delivery, Contribution])

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
