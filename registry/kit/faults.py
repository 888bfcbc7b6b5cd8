"""What the database drivers raise, turned into errors named after the user's situation; the one place."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from registry.kit.errors import BadRequest, Conflict, RegistryError, Unavailable

TAKEN = "This exists already, or something else depends on it."
UNSTORABLE = "A value is too large or has characters that cannot be stored."

_CONFLICTS = (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError, asyncpg.RestrictViolationError)
_ABSENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, starting up, or the statement was cancelled by an operator
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,  # the schema changed under a running process
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver makes of a connection that dies under it
    OSError,
)
_UNSTORABLE = (
    OverflowError,
    UnicodeEncodeError,
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.StringDataRightTruncationError,
)
_OF_DRIVERS = (
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    ValueError,
    OverflowError,
)
_SQLITE_CONFLICTS = (
    "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_FOREIGNKEY",
    "SQLITE_CONSTRAINT_TRIGGER",  # what ON DELETE RESTRICT is called
)
_SQLITE_ABSENT = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


@contextmanager
def translated() -> Iterator[None]:
    """Raise Conflict, Unavailable or BadRequest for what a driver raises inside; a bug of ours stays as it is."""
    try:
        yield
    except _OF_DRIVERS as error:
        meant = translation(error)
        if meant is None:
            raise
        raise meant from error


def translation(error: BaseException) -> RegistryError | None:
    """The error a person can act on, or None when the statement itself is wrong."""
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(getattr(error, "sqlite_errorname", ""))
    if isinstance(error, _CONFLICTS):
        return Conflict(TAKEN)
    if isinstance(error, _UNSTORABLE) or type(error) is asyncpg.DataError:  # exactly: the driver refused a value
        return BadRequest(UNSTORABLE)
    return Unavailable() if isinstance(error, _ABSENT) else None


def _of_sqlite(name: str) -> RegistryError | None:
    if name in _SQLITE_CONFLICTS:
        return Conflict(TAKEN)
    return Unavailable() if name.startswith(_SQLITE_ABSENT) else None
