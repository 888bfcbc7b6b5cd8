"""A plan against what the stakeholders agreed."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from effects.codes import Better, Domain, Role
from effects.errors import Finding
from effects.planning.sections import Outcome
from registry.kit.language import translate
from registry.plans.rules import NOTHING_AGREED, agreement_findings, overtaken
from tests.registry.plans.story import STRAIN, an_agreed

STATED = Outcome(
    column="language", role=Role.PRIMARY, domain=Domain.CITIZEN, better=Better.HIGHER, minimal_important=0.05
)


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1
    return found[0]


def test_a_plan_that_keeps_to_the_agreement_has_no_findings() -> None:
    assert agreement_findings([STATED], [an_agreed()]) == []


def test_a_primary_outcome_that_was_not_agreed_is_an_error() -> None:
    found = agreement_findings([STATED, replace(STATED, column="falls")], [an_agreed()])
    assert (only(found).code, found[0].where, found[0].severity) == ("primary_not_agreed", "outcome[1].role", "error")


@pytest.mark.parametrize("role", [Role.SECONDARY, Role.GUARDRAIL])
def test_any_other_outcome_may_be_added_and_is_labelled(role: Role) -> None:
    found = agreement_findings([STATED, replace(STATED, column="falls", role=role)], [an_agreed()])
    assert (only(found).code, found[0].severity) == ("not_agreed", "warning")


def test_an_agreed_primary_indicator_cannot_be_left_out() -> None:
    found = agreement_findings([], [an_agreed(), an_agreed(STRAIN)])
    assert [(finding.code, finding.severity) for finding in found] == [
        ("agreed_left_out", "error"),
        ("agreed_left_out", "warning"),
    ]
    assert "Language known" in found[0].text()


@pytest.mark.parametrize(
    ("agreed", "stated", "severity"),
    [("primary", "secondary", "error"), ("secondary", "primary", "error"), ("secondary", "guardrail", "warning")],
)
def test_a_role_changed_is_an_error_where_it_decides(agreed: str, stated: str, severity: str) -> None:
    found = agreement_findings([replace(STATED, role=Role(stated))], [an_agreed(role=agreed)])
    assert (only(found).code, found[0].severity) == ("role_differs", severity)


def test_a_direction_turned_around_is_an_error() -> None:
    found = agreement_findings([replace(STATED, better=Better.LOWER)], [an_agreed()])
    assert (only(found).code, found[0].severity) == ("direction_differs", "error")


@pytest.mark.parametrize("name", ["minimal_important", "margin"])
def test_another_threshold_than_the_agreed_one_is_pointed_out(name: str) -> None:
    changes: dict[str, Any] = {name: 0.02}
    found = agreement_findings([replace(STATED, **changes)], [an_agreed(margin=0.05)])
    assert (only(found).code, found[0].severity, found[0].where) == (
        "threshold_differs",
        "warning",
        f"outcome[0].{name}",
    )


def test_a_threshold_nobody_agreed_on_is_the_plans_own_business() -> None:
    assert agreement_findings([STATED], [an_agreed(minimal_important=None)]) == []


@pytest.mark.parametrize(("agreed", "stated"), list(product(Role, Role)), ids=str)
def test_only_an_unchanged_role_passes_and_only_a_primary_one_bars_the_lock(agreed: Role, stated: Role) -> None:
    found = agreement_findings([replace(STATED, role=stated)], [an_agreed(role=agreed.value)])
    expected = [] if agreed is stated else ["error" if Role.PRIMARY in (agreed, stated) else "warning"]
    assert [one.severity for one in found] == expected


def test_everything_that_leaves_the_agreement_is_told_at_once() -> None:
    turned = replace(STATED, role=Role.SECONDARY, better=Better.LOWER, minimal_important=0.2, margin=0.3)
    found = agreement_findings([turned, replace(STATED, column="falls")], [an_agreed(margin=0.05), an_agreed(STRAIN)])
    assert [one.code for one in found] == [
        "role_differs",
        "direction_differs",
        "threshold_differs",
        "threshold_differs",
        "primary_not_agreed",
        "agreed_left_out",
    ]
    assert all(translate(one, "da") != one.text() and "{" not in translate(one, "da") for one in found)


def test_an_agreement_without_a_plan_and_a_plan_without_an_agreement() -> None:
    assert agreement_findings([], []) == []
    assert [one.code for one in agreement_findings([STATED], [])] == ["primary_not_agreed"]
    assert NOTHING_AGREED.severity == "error"


def test_the_plan_that_overtook_a_draft_is_named() -> None:
    found = overtaken(4)
    assert (found.where, found.severity) == ("plan", "error")
    assert "Plan 4" in found.text()
