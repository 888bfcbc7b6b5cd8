"""The first schema: every table of the registry."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.kit.database import create_tables, drop_tables, tables

ID = "registry_0001"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description="every table")

    async def create() -> None:
        await create_tables(tables())

    async def drop() -> None:
        await drop_tables(tables())

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
