"""Requests made up from our own description of the API, answered by the running service."""

import asyncio

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from schemathesis import GenerationMode

from registry.kit import csrf, sessions
from registry.kit.database import connected
from registry.settings import Settings
from tests.security.story import somebody_with_every_role

VISIT = "visit-of-a-test"
BOUNDS = bounds(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


async def a_session(settings: Settings) -> str:
    """The id of a session of somebody with every role, in the database of the running service."""
    async with connected(settings.database_url):
        somebody = await somebody_with_every_role(everywhere=True)
        return await sessions.start(somebody.id, settings)


def test_no_request_made_up_from_the_description_is_our_fault(site: str, settings: Settings) -> None:
    token = asyncio.run(a_session(settings))
    cookies = {sessions.session_cookie(settings): token, csrf.cookie_name(settings): VISIT}
    headers = {"accept": "application/json", csrf.HEADER: csrf.token_for(settings, VISIT, token)}
    described = httpx.get(f"{site}/schema/openapi.json", cookies=cookies, headers=headers).json()
    operations = [found.ok() for found in schemathesis.openapi.from_dict(described).get_all_operations()]
    assert len(operations) >= 70
    for operation in operations:
        if operation.path in {"/logout", "/login"}:
            continue  # they would end the session
        for mode in GenerationMode if "{" in operation.path else [GenerationMode.POSITIVE]:

            @given(case=operation.as_strategy(mode))
            @BOUNDS
            def check(case: schemathesis.Case) -> None:
                answer = case.call(base_url=site, headers=headers, cookies=cookies)
                assert answer.status_code < 500, f"{case.method} {case.path}"
                assert answer.status_code != 401, "the session is gone"

            check()
