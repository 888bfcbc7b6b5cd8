"""The databases of the registry's tests, and every route of the application."""

import logging
from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from registry.app import Registry, create_app
from registry.kit import logs
from registry.settings import Settings
from tests.conftest import SECRET, carrying_token, visiting
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


@pytest.fixture(scope="session")
def app() -> Registry:
    """The application, made once for all tests: `client` gives it the settings of a test."""
    return create_app(Settings(secret=SECRET), connect=False)


@pytest.fixture
async def client(database: object, settings: Settings, app: Registry) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application that carries the token of its visit, as our pages do."""
    assert database
    app.state.settings = settings
    logs.configure(settings.log_level)
    async with visiting(app) as made:
        yield carrying_token(made, settings)


@pytest.fixture
def calls(app: Registry) -> Sequence[Call]:
    """Every method and address the application answers, files of the browser aside."""
    return calls_of(app)
