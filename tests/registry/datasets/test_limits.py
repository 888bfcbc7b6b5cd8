"""Too large uploads are refused unread."""

from collections.abc import AsyncIterator, Sequence

import httpx
import pytest

from registry.datasets.limits import FORM_BYTES
from registry.settings import Settings
from tests.registry.people.story import signed_in
from tests.registry.plans.story import a_cast


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "datasets")


async def test_a_stated_length_above_the_limit_is_refused_before_anything_is_read(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    cast = await a_cast()
    await signed_in(client, cast.lead)
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(1)
        yield b"x"

    headers = {"content-length": str(settings.upload_limit + FORM_BYTES + 1), "accept": "application/json"}
    answer = await client.post(f"/pilots/{cast.pilot}/datasets", content=body(), headers=headers)
    assert (answer.status_code, read) == (413, [])


async def test_a_body_of_unstated_length_is_refused(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.lead)

    async def body() -> AsyncIterator[bytes]:
        yield b"x"

    answer = await client.post(f"/pilots/{cast.pilot}/datasets", content=body(), headers={"accept": "application/json"})
    assert answer.status_code == 400
