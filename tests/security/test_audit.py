"""Every write has its entry, and the chain of entries is whole after the main story."""

import ast
from collections.abc import Mapping

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.settings import Settings
from tests.house.source import Module, modules
from tests.security.story import a_chain

WRITES = {"insert", "update", "delete", "save"}
STORY = {
    *("pilots.register", "plans.draft", "plans.lock", "datasets.receive", "datasets.stored", "datasets.approve"),
    *("analyses.request", "analyses.store", "evidence.assess", "evidence.grade", "evidence.approve"),
    *("recommendations.request", "recommendations.issue", "decisions.decide"),
}
WRITERS = {"actions.py", "proposing.py", "signing_in.py", "jobs.py", "keeping.py", "retention.py"}


@pytest.mark.usefixtures("database")
async def test_the_chain_is_whole_after_the_main_story_and_names_every_step(settings: Settings) -> None:
    await a_chain(settings.state)
    assert await verify_chain() is None
    rows = await AuditEntry.select(AuditEntry.action)
    assert STORY - {row["action"] for row in rows} == set()


def test_every_function_that_writes_leads_to_an_entry() -> None:
    """Whatever a route or a job may call that changes rows records it, itself or through its own helpers."""
    silent = []
    for module in modules("registry"):
        if module.path.split("/")[-1] in WRITERS and module.path.split("/")[1] not in {"kit", "audit", "seeding"}:
            calls = called_in(module)
            silent += [
                f"{module.path}:{name}"
                for name in calls
                if not any(name in others for one, others in calls.items() if one != name)
                and reached(name, calls) & WRITES
                and not reached(name, calls) & {"record", "_record"}
            ]
    assert silent == []


def called_in(module: Module) -> Mapping[str, set[str]]:
    """Each function of a module with the names it calls."""
    return {
        function.name: {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
        }
        for function in module.functions()
    }


def reached(name: str, calls: Mapping[str, set[str]]) -> set[str]:
    """All names that a function calls, directly or through functions of its module."""
    seen: set[str] = set()
    ahead = {name}
    while ahead:
        here = ahead.pop()
        seen.add(here)
        ahead |= calls.get(here, set()) - seen
    return seen


def test_no_route_and_no_query_writes() -> None:
    found = [
        f"{module.path}:{name}"
        for module in modules("registry")
        if module.path.split("/")[-1].endswith(("routes.py", "queries.py")) and "/kit/" not in module.path
        for name, calls in called_in(module).items()
        if calls & {"insert", "delete", "save", "transaction"}
    ]
    assert found == []
