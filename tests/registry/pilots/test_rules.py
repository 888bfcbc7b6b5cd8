from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from registry.people.rules import Grant, Person, Role, allows
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
