"""The tables of the kit and of the audit chain in 0.1.0, frozen: a later migration changes them, never this one."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import Boolean, DoublePrecision, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.kit.database import create_tables, drop_tables

ID = "registry_0001"


def moment(null: bool = False) -> Timestamptz:
    return Timestamptz(null=null, default=None)


class Job(Table, tablename="job"):
    id: Serial
    kind = Varchar(length=60)
    subject = Varchar(length=80, index=True)
    payload = Text(default="{}")
    state = Varchar(length=12, index=True)
    progress = DoublePrecision(default=0.0)
    note = Text(default="")
    attempts = Integer(default=0)
    max_attempts = Integer(default=3)
    fence = Integer(default=0)
    leased_until = moment(null=True)
    worker = Varchar(length=80)
    cancel_requested = Boolean(default=False)
    error_code = Varchar(length=80)
    created_at = moment()
    started_at = moment(null=True)
    finished_at = moment(null=True)


class Worker(Table, tablename="worker"):
    id: Serial
    name = Varchar(length=80, unique=True)
    pid = Integer()
    seen_at = moment()


class Session(Table, tablename="session"):
    id: Serial
    id_digest = Varchar(length=64, unique=True)
    account = Integer(index=True)
    created_at = moment()
    seen_at = moment()
    expires_at = moment()


class AuditEntry(Table, tablename="audit_entry"):
    id: Serial
    at = moment()
    actor = Integer(null=True, default=None)
    action = Varchar(length=80)
    object_kind = Varchar(length=40, index=True)
    object_id = Integer(null=False, default=0)
    digest = Varchar(length=64)
    previous = Varchar(length=64, unique=True)
    hash = Varchar(length=64, unique=True)


TABLES: list[type[Table]] = [Job, Worker, Session, AuditEntry]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description="the kit and the audit chain")

    async def create() -> None:
        await create_tables(TABLES)

    async def drop() -> None:
        await drop_tables(TABLES)

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
