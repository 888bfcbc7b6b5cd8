"""Who may call a route."""

from dataclasses import dataclass

import pytest
from litestar import get
from litestar.params import FromPath

from registry.kit import access
from registry.kit.access import PUBLIC, SIGNED_IN, Permission, allow, demand
from registry.kit.errors import Forbidden, Unauthorised
from tests.registry.kit.conftest import Serve

LEAD = Permission("pilots.register", frozenset({"project_lead"}))


@dataclass(frozen=True)
class Someone:
    roles: frozenset[str]
    account_id: int = 1
    name: str = "Mette"
    language: str = "da"


NOBODY, EVALUATOR, LEADER = None, Someone(frozenset({"evaluator"})), Someone(frozenset({"project_lead", "evaluator"}))


@pytest.mark.parametrize(
    ("permission", "visitor", "refusal"),
    [
        (PUBLIC, NOBODY, None),
        (SIGNED_IN, NOBODY, Unauthorised),
        (SIGNED_IN, EVALUATOR, None),
        (LEAD, NOBODY, Unauthorised),
        (LEAD, EVALUATOR, Forbidden),
        (LEAD, LEADER, None),
    ],
)
def test_a_permission_asks_for_one_of_its_roles(
    permission: Permission, visitor: Someone | None, refusal: type[Exception] | None
) -> None:
    if refusal is None:
        demand(permission, visitor)
        return
    with pytest.raises(refusal):
        demand(permission, visitor)


@get("/things/{number:int}", opt=allow(PUBLIC))
async def thing(number: FromPath[int]) -> str:
    return str(number)


@get("/locked", opt=allow(LEAD))
async def locked() -> str:
    return "open"


@pytest.mark.parametrize(
    ("number", "status"),
    [("1", 200), (str(2**31 - 1), 200), (str(2**31), 404), ("-1", 404), ("9" * 30, 404), ("9" * 5000, 404), ("x", 404)],
)
async def test_a_number_no_key_can_have_is_not_found(serve: Serve, number: str, status: int) -> None:
    client = await serve(thing, guards=[access.guard])
    assert (await client.get(f"/things/{number}", headers={"accept": "application/json"})).status_code == status


async def test_the_guard_stands_before_the_handler(serve: Serve) -> None:
    client = await serve(locked, guards=[access.guard])
    assert (await client.get("/locked", headers={"accept": "application/json"})).status_code == 401
