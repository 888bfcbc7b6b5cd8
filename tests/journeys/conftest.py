"""The real service for the journeys: `virkning demo` in processes of its own, and people who use it in a browser."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from playwright.sync_api import Browser

from registry.kit.database import connected, engine
from tests.conftest import chromium
from tests.journeys.service import Service, caller, demo, programme_is_ready, until
from tests.registry.conftest import postgres_url

Given = TypeVar("Given")
Answer = TypeVar("Answer")

__all__ = ["postgres_url"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def on_each_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demo on a fresh database of each kind."""
    url = "" if request.param == "sqlite" else _created(str(_aside(request.getfixturevalue, "postgres_url")))
    with demo(tmp_path_factory.mktemp("demo"), DATABASE_URL=url) as service:
        yield service


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demo on SQLite, whose programme is carried to its end."""
    with demo(tmp_path_factory.mktemp("demo")) as service:
        with caller(service, "decision") as follower:
            until(lambda: programme_is_ready(follower.read), "the demo programme", seconds=180)
        yield service


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    """One Chromium for all tests of a module."""
    with chromium() as made:
        yield made


def _created(server: str) -> str:
    name = f"journey_{secrets.token_hex(6)}"

    async def create() -> None:
        async with connected(server):
            await engine().run_ddl(f"CREATE DATABASE {name}")

    _aside(asyncio.run, create())
    return server.replace("/postgres?", f"/{name}?")


def _aside(call: Callable[[Given], Answer], given: Given) -> Answer:
    """What a call answers in another thread: the driver of the browser occupies the event loop of this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call, given).result()
