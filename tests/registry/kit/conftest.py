"""A small service around one handler, to see the kit from outside."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from litestar.datastructures import State

from registry.app import Registry
from registry.kit import logs, problems
from registry.kit.request import Request
from registry.navigation import links
from registry.settings import Settings
from tests.conftest import visiting

Serve = Callable[..., Any]


@pytest.fixture
async def serve(settings: Settings) -> AsyncIterator[Serve]:
    """`client = await serve(handler, …)`: the handlers with our errors and no guards."""
    logs.configure("error")
    async with AsyncExitStack() as stack:

        async def start(*handlers: Any, settings: Settings = settings, **given: Any) -> httpx.AsyncClient:
            app = Registry(
                list(handlers),
                request_class=Request,
                exception_handlers=problems.HANDLERS,
                state=State({"settings": settings, "navigation": links}),
                openapi_config=None,
                logging_config=None,
                **given,
            )
            return await stack.enter_async_context(visiting(app))

        yield start
