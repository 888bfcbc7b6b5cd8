"""The size of an upload may pass two gigabytes; SQLite's whole numbers always could."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from registry.kit.database import engine

ID = "registry_0003"


async def _retype(kind: str) -> None:
    if engine().engine_type == "postgres":
        await engine().run_ddl(f"ALTER TABLE upload ALTER COLUMN size TYPE {kind}")


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description="uploads of more than two gigabytes")

    async def widen() -> None:
        await _retype("BIGINT")

    async def narrow() -> None:
        await _retype("INTEGER")

    manager.add_raw(widen)
    manager.add_raw_backwards(narrow)
    return manager
