from typing import Any

import pytest

from effects.plan import AnalysisPlan
from registry.plans.assumptions import decisive, offered, problems, rows, truths, typed
from registry.plans.simulation_schemas import OFFERED, Expected, Prior, Simulating
from tests.registry.plans.story import A_REQUEST, PLAN

STATED = AnalysisPlan.from_text(PLAN)
GUARDED = AnalysisPlan.from_text(
    PLAN.replace('role = "secondary"', 'role = "guardrail"\nminimal_important = 0.5')
    + """
[[outcome]]
column = "work"
role = "primary"
domain = "citizen"
better = "higher"
minimal_important = 0.1
"""
)


def found(**changes: Any) -> list[tuple[str, str]]:
    stated = {name: getattr(A_REQUEST, name) for name in A_REQUEST.__struct_fields__}
    return [(one.where, one.code) for one in problems(Simulating(**{**stated, **changes}), STATED)]


def test_only_primary_outcomes_and_guardrails_decide() -> None:
    assert [outcome.column for outcome in decisive(STATED)] == ["language"]
    assert [outcome.column for outcome in decisive(GUARDED)] == ["language", "strain", "work"]


def test_a_truth_is_offered_only_where_the_plan_has_outcomes_for_it() -> None:
    assert truths(STATED) == ("nothing_helps", "all_help", "all_help_more", "own")
    assert truths(GUARDED) == Prior.__struct_fields__
    for plan in (STATED, GUARDED):
        assert 97 <= sum(getattr(offered(plan), name) for name in Prior.__struct_fields__) <= 103
    assert offered(GUARDED) == OFFERED
    assert offered(STATED).some_help == 0


def test_whole_assumptions_have_nothing_against_them() -> None:
    assert found() == []
    by_spread = (Expected(column="language", sd=0.3),)
    assert found(outcomes=by_spread, clusters=12, size=40.0, icc=0.02) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"outcomes": ()}, [("outcomes.0.standard_error", "precision_missing")]),
        ({"outcomes": (Expected(column="language"),)}, [("outcomes.0.standard_error", "precision_missing")]),
        ({"outcomes": (Expected(column="language", sd=1.0),)}, [("clusters", "clusters_missing")]),
        (
            {"outcomes": (*A_REQUEST.outcomes, Expected(column="strain", standard_error=1.0))},
            [("outcomes.1.column", "not_decisive")],
        ),
        ({"prior": Prior(nothing_helps=50, all_help=40)}, [("prior.nothing_helps", "not_hundred")]),
        ({"prior": Prior()}, [("prior.nothing_helps", "not_hundred")]),
        (
            {"prior": Prior(nothing_helps=50, guardrail_harmed=50)},
            [("prior.guardrail_harmed", "no_such_truth")],
        ),
        ({"prior": Prior(nothing_helps=50, own=50)}, [("prior.own", "own_truth_empty")]),
    ],
)
def test_what_is_missing_is_said_at_its_field(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(**changes) == expected


def test_everything_is_said_at_once() -> None:
    wrong = {"outcomes": (Expected(column="strain", sd=1.0),), "prior": Prior(some_help=10)}
    assert {code for _, code in found(**wrong)} == {
        "not_decisive",
        "precision_missing",
        "clusters_missing",
        "no_such_truth",
        "not_hundred",
    }


def test_a_truth_of_ones_own_needs_an_effect_and_may_then_carry_the_prior() -> None:
    effect = (Expected(column="language", standard_error=0.02, effect=-0.5),)
    assert found(outcomes=effect, prior=Prior(own=100)) == []


def test_a_new_form_has_what_is_offered_and_a_later_one_what_was_assumed() -> None:
    assert typed(STATED, "en")["tau"] == "0.3"
    assert typed(STATED, "da")["tau"] == "0,3"
    assert typed(STATED, "en")["chance_of_value"] == ""
    again = typed(STATED, "en", A_REQUEST)
    assert (again["chance_of_value"], again["prior.all_help"], again["replications"]) == ("90", "50", "50")


def test_the_rows_are_the_decisive_outcomes_with_what_was_typed_or_assumed() -> None:
    assert [(row["outcome"].column, row["sd"]) for row in rows({}, GUARDED, "en")] == [
        ("language", ""),
        ("strain", ""),
        ("work", ""),
    ]
    (kept,) = rows({}, STATED, "da", A_REQUEST)
    assert kept["standard_error"] == "0,02"
    sent = {
        "outcomes.column": ["strain", "language"],
        "outcomes.standard_error": ["", "x"],
        "outcomes.sd": ["2", ""],
        "outcomes.effect": ["", ""],
    }
    assert [(row["standard_error"], row["sd"]) for row in rows(sent, GUARDED, "en", A_REQUEST)] == [
        ("x", ""),
        ("", "2"),
        ("", ""),
    ]
    single = {f"outcomes.{name}": "" for name in ("standard_error", "sd", "effect")} | {"outcomes.column": "language"}
    assert rows(single, STATED, "en")[0]["sd"] == ""
