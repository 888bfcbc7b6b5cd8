"""Brings the schema forwards and back, in one transaction under a lock: starting twice or stopping halfway is safe."""

import contextlib
import importlib.util
import io
from importlib.machinery import ModuleSpec
from types import ModuleType

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.apps.migrations.tables import Migration
from piccolo.query.methods.create import Create

from registry.kit.database import engine, transaction
from registry.kit.resources import folder

APP = "registry"

_LOCK = "SELECT pg_advisory_xact_lock(8401)"


async def forwards(to: str = "") -> list[str]:
    """Run the migrations that have not run, up to `to` where it is given; returns their ids.

    Raises Unavailable without a database.
    """
    ran: list[str] = []
    async with transaction():
        await _lock()
        done = await _done()
        for identity, module in _modules().items():
            if identity not in done and (not to or identity <= to):
                await _run(module, backwards=False)
                await Migration(name=identity, app_name=APP).save()
                ran.append(identity)
    return ran


async def backwards(to: str = "") -> list[str]:
    """Undo the migrations after `to`, the latest first; all of them when it is empty. Returns their ids."""
    undone: list[str] = []
    async with transaction():
        await _lock()
        done = await _done()
        for identity, module in reversed(_modules().items()):
            if identity in done and identity > to:
                await _run(module, backwards=True)
                await Migration.delete().where(Migration.name == identity, Migration.app_name == APP)
                undone.append(identity)
    return undone


async def pending() -> list[str]:
    """The ids of migrations that have not run; changes nothing."""
    done = await ran()
    return [identity for identity in _modules() if identity not in done]


async def ran() -> list[str]:
    """The ids of migrations that have run, also of those that this version does not know; changes nothing."""
    return sorted(await _names()) if await Migration.table_exists() else []


def known() -> list[str]:
    """The ids of all migrations of this version, in order."""
    return list(_modules())


async def _lock() -> None:
    """On SQLite the transaction itself is the lock."""
    if engine().engine_type == "postgres":
        await engine().run_ddl(_LOCK)


async def _done() -> set[str]:
    for statement in Create(Migration, if_not_exists=True).ddl:
        await engine().run_ddl(statement)
    return await _names()


async def _names() -> set[str]:
    return {row["name"] for row in await Migration.select(Migration.name).where(Migration.app_name == APP)}


async def _run(module: ModuleType, *, backwards: bool) -> None:
    manager: MigrationManager = await module.forwards()
    with contextlib.redirect_stdout(io.StringIO()):
        await manager.run(backwards=backwards)


def _modules() -> dict[str, ModuleType]:
    """The migration modules by their ids, in order; loaded afresh and under no name, so that nothing can clash."""
    loaded = [_load(path.stem, str(path)) for path in sorted(folder("migrations").glob("*.py"))]
    return {module.ID: module for module in loaded}


def _load(name: str, path: str) -> ModuleType:
    spec: ModuleSpec | None = importlib.util.spec_from_file_location(f"registry_migration_{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
