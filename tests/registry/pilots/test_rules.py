from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.people.rules import Grant, Person, Role, StakeholderGroup, allows
from registry.pilots.rules import AMEND, REGISTER, Facts, NextStep, Phase, at_rest, next_step, phase

COUNTS = {"sites", "indicators", "groups_rated", "agreed", "data_waiting", "data_approved", "analyses"} | {
    "assessments_waiting",
    "assessments",
    "recommendations",
    "decisions",
}
some_facts = st.builds(
    Facts, **{field.name: st.integers(0, 3) if field.name in COUNTS else st.booleans() for field in fields(Facts)}
)

CHAIN = [
    (Facts(sites=2), Phase.REGISTERED, Role.PROJECT_LEAD, "indicators"),
    (Facts(sites=2, indicators=3), Phase.INDICATORS_PROPOSED, Role.PROJECT_LEAD, "indicators"),
    (Facts(sites=2, indicators=3, round_open=True), Phase.RATING, Role.STAKEHOLDER, "rate"),
    (Facts(sites=2, indicators=3, round_closed=True, agreed=2), Phase.INDICATORS_AGREED, Role.EVALUATOR, "plans"),
    (Facts(sites=2, agreed=2, plan_locked=True), Phase.PLAN_LOCKED, Role.PROJECT_LEAD, "datasets"),
    (Facts(plan_locked=True, data_waiting=1), Phase.DATA_RECEIVED, Role.PROJECT_LEAD, "datasets"),
    (Facts(plan_locked=True, data_approved=1), Phase.DATA_APPROVED, Role.EVALUATOR, "analyses"),
    (Facts(data_approved=1, analyses=1), Phase.ANALYSED, Role.EVALUATOR, "evidence"),
    (Facts(analyses=1, assessments=1), Phase.GRADED, Role.EVALUATOR, "evidence"),
    (Facts(assessments=1, recommendations=1), Phase.RECOMMENDED, Role.DECISION_MAKER, "evidence"),
    (Facts(recommendations=1, decisions=1), Phase.DECIDED, Role.DECISION_MAKER, "evidence"),
]


def test_the_phase_follows_the_facts_along_the_chain() -> None:
    assert [phase(facts) for facts, *_ in CHAIN] == list(Phase)
    assert [expected for _, expected, *_ in CHAIN] == list(Phase)


def test_each_phase_names_who_is_next_and_where() -> None:
    for facts, _, role, corner in CHAIN:
        step = next_step(facts)
        assert (step.role, step.corner) == (role, corner)
    assert next_step(Facts(sites=1)).path(7) == "/pilots/7/indicators"


def test_a_pilot_without_sites_first_needs_them() -> None:
    assert next_step(Facts()).corner == "amend"


def test_when_every_group_has_rated_the_lead_closes_the_round() -> None:
    rating = Facts(sites=1, indicators=3, round_open=True, groups_rated=5)
    assert next_step(rating).role is Role.STAKEHOLDER
    closing = next_step(replace(rating, groups_rated=6))
    assert (closing.role, closing.corner) == (Role.PROJECT_LEAD, "indicators")


def test_four_eyes_steps_are_for_somebody_else() -> None:
    others = [facts for facts, *_ in CHAIN if next_step(facts).by_another]
    assert [phase(facts) for facts in others] == [Phase.DATA_RECEIVED, Phase.RECOMMENDED]
    assert next_step(Facts(assessments_waiting=1)).by_another


def test_a_published_trial_enters_at_its_assessment() -> None:
    assert phase(Facts(assessments=1)) is Phase.GRADED


def test_work_under_way_is_said_to_be_under_way() -> None:
    drafted = next_step(Facts(round_closed=True, agreed=1, plan_drafted=True))
    checking = next_step(Facts(plan_locked=True, data_checking=True))
    running = next_step(Facts(data_approved=1, analysis_running=True))
    waiting = next_step(Facts(analyses=1, assessments_waiting=1))
    assert str(drafted.message) == "Check the drafted plan and lock it."
    assert str(checking.message).startswith("The upload is being checked.")
    assert str(running.message).startswith("The analysis is running.")
    assert str(waiting.message) == "A second person approves the assessment."


def test_a_round_that_agreed_on_nothing_sends_the_lead_back() -> None:
    step = next_step(Facts(round_closed=True))
    assert (step.role, step.corner) == (Role.PROJECT_LEAD, "indicators")


@given(some_facts)
def test_every_combination_of_facts_has_a_next_step(facts: Facts) -> None:
    step = next_step(facts)
    assert isinstance(step, NextStep)
    assert str(step.message)


@given(some_facts)
def test_a_further_fact_never_sets_a_pilot_back(facts: Facts) -> None:
    order = list(Phase)
    for further in (replace(facts, decisions=1), replace(facts, analyses=1), replace(facts, plan_locked=True)):
        assert order.index(phase(further)) >= order.index(phase(facts))


def test_only_a_lead_of_the_organisation_registers_and_amends() -> None:
    lead = Person(1, "A", "a@example.dk", 1, "X", grants=(Grant(Role.PROJECT_LEAD, organisation=1),))
    evaluator = Person(2, "B", "b@example.dk", 1, "X", grants=(Grant(Role.EVALUATOR),))
    for permission in (REGISTER, AMEND):
        assert allows(lead, permission, organisation=1, pilot=5)
        assert not allows(lead, permission, organisation=2, pilot=5)
        assert not allows(evaluator, permission, organisation=1, pilot=5)


def test_a_catalogue_entry_rests_until_something_happens_here() -> None:
    assert at_rest(Facts(catalogue=True, sites=3))
    assert next_step(Facts(catalogue=True)).corner == "facts"
    assert not at_rest(Facts(catalogue=True, assessments=1))
    assert not at_rest(Facts(sites=3))


OBVIOUS = [
    ("decisions", Phase.DECIDED),
    ("recommendations", Phase.RECOMMENDED),
    ("assessments", Phase.GRADED),
    ("assessments_waiting", Phase.GRADED),
    ("analyses", Phase.ANALYSED),
    ("data_approved", Phase.DATA_APPROVED),
    ("data_waiting", Phase.DATA_RECEIVED),
    ("data_checking", Phase.DATA_RECEIVED),
    ("plan_locked", Phase.PLAN_LOCKED),
    ("round_closed", Phase.INDICATORS_AGREED),
    ("round_open", Phase.RATING),
    ("indicators", Phase.INDICATORS_PROPOSED),
]
"""What each fact alone leads to, furthest first."""


@pytest.mark.parametrize(("name", "expected"), OBVIOUS)
def test_one_fact_alone_leads_to_its_phase(name: str, expected: Phase) -> None:
    assert phase(replace(Facts(), **{name: 1})) is expected


@given(some_facts)
def test_the_phase_is_the_furthest_that_any_single_fact_leads_to(facts: Facts) -> None:
    reached = [expected for name, expected in OBVIOUS if getattr(facts, name)]
    assert phase(facts) is max(reached, key=list(Phase).index, default=Phase.REGISTERED)


@pytest.mark.parametrize("name", ["catalogue", "sites", "comparison_sites", "groups_rated", "agreed", "plan_drafted"])
def test_what_only_colours_the_step_leads_to_no_phase(name: str) -> None:
    assert phase(replace(Facts(), **{name: 1})) is Phase.REGISTERED


@given(some_facts)
def test_a_step_lies_in_a_corner_that_the_pilot_has(facts: Facts) -> None:
    corners = {"amend", "indicators", "rate", "plans", "datasets", "analyses", "evidence", "facts"}
    step = next_step(facts)
    assert step.corner in corners
    assert step.path(12) == f"/pilots/12/{step.corner}"


@given(some_facts)
def test_only_what_a_second_person_must_do_is_for_another(facts: Facts) -> None:
    """Approving rows, approving an assessment and deciding; everything else may be done by whoever did the last."""
    now = phase(facts)
    rows = now is Phase.DATA_RECEIVED and facts.data_waiting > 0
    graded = now is Phase.GRADED and facts.assessments == 0
    assert next_step(facts).by_another is (rows or graded or now is Phase.RECOMMENDED)


def test_a_round_is_closed_by_the_lead_only_once_every_group_has_rated() -> None:
    rating = Facts(sites=1, indicators=3, round_open=True)
    roles = [next_step(replace(rating, groups_rated=n)).role for n in range(len(StakeholderGroup) + 1)]
    assert roles == [Role.STAKEHOLDER] * len(StakeholderGroup) + [Role.PROJECT_LEAD]


def test_a_closed_round_that_agreed_on_nothing_comes_before_its_drafted_plan() -> None:
    assert next_step(Facts(round_closed=True, plan_drafted=True)).role is Role.PROJECT_LEAD


def test_an_entry_of_the_catalogue_is_not_asked_for_its_sites() -> None:
    assert next_step(Facts(catalogue=True, sites=0)).role is Role.EVALUATOR
    assert next_step(Facts(sites=0)).role is Role.PROJECT_LEAD


def test_nothing_is_asked_of_a_pilot_with_rows_under_check_but_patience() -> None:
    both = Facts(plan_locked=True, data_checking=True, data_waiting=1)
    assert next_step(both).by_another, "an older version waits for its second person"
    assert not next_step(replace(both, data_waiting=0)).by_another
