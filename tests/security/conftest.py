"""The databases of the registry's tests, and every route of the application."""

import logging
from collections.abc import Sequence

import pytest

from registry.app import create_app
from registry.settings import Settings
from tests.registry.conftest import (
    anyio_backend,
    database,
    database_url,
    fresh_url,
    migrated_postgres,
    postgres_url,
    pytest_pycollect_makeitem,
    sqlite_template,
)
from tests.security.routes import Call, calls_of

__all__ = [
    "anyio_backend",
    "database",
    "database_url",
    "fresh_url",
    "migrated_postgres",
    "postgres_url",
    "pytest_pycollect_makeitem",
    "sqlite_template",
]


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Thousands of requests are not worth a line each."""
    logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.fixture
def calls(settings: Settings) -> Sequence[Call]:
    """Every method and address the application answers, files of the browser aside."""
    return calls_of(create_app(settings, connect=False))
