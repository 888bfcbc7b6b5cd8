from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Claim
from effects.decision_simulation.advising import Known, advise, signatures
from effects.decision_simulation.drawing import draw
from effects.decision_simulation.figures import read
from effects.decision_simulation.setting import Facts, Setting, economy_at
from effects.decision_simulation.truths import Truth
from effects.recommendation import recommend, standing
from effects.rules.claims import primary_claims
from effects.rules.ruleset import load_ruleset
from tests.effects.decision_simulation.planned_setting import (
    ALL_HELP,
    GUARDRAILS,
    NOTHING,
    ONE_HARMED,
    PRIMARIES,
    setting,
)
from tests.effects.decision_simulation.test_figures import MIXED, stated

RULES = load_ruleset()
SAMPLED = 6
NARROW = tuple(replace(item, margin=0.8) for item in GUARDRAILS)
SETTINGS = {
    "three_pilots": setting(),
    "pilots_that_differ": setting(tau=1.5),
    "one_pilot": setting(pilots=1),
    "other_claims": setting(indicators=MIXED),
    "narrow_margins": setting(indicators=(*PRIMARIES, *NARROW), tau=0.6),
    "quasi_experiment": setting(design="staggered_adoption", tau=0.6),
    "poor_economy": setting(economy=economy_at(0.3)),
    "three_claims": setting(facts=Facts(claims_required=3), correlation=0.0),
    "guardrails_alone": setting(indicators=GUARDRAILS),
    "one_primary": setting(indicators=(PRIMARIES[0], *GUARDRAILS)),
}


@pytest.mark.parametrize("planned", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("truth", [NOTHING, ALL_HELP, ONE_HARMED], ids=lambda truth: truth.name)
def test_the_advice_is_that_of_the_full_rules(planned: Setting, truth: Truth) -> None:
    figures = read(planned, draw(planned, truth, SAMPLED, 7), RULES)
    found = advise(planned, figures, RULES, {})
    assert found == [standing(figures.case(planned.case, row), RULES)[:2] for row in range(SAMPLED)]


@pytest.mark.parametrize("truth", [NOTHING, ALL_HELP, ONE_HARMED], ids=lambda truth: truth.name)
def test_the_advice_is_that_on_the_pilots_as_studies(truth: Truth) -> None:
    planned = setting(indicators=MIXED, tau=0.6)
    estimates = draw(planned, truth, 6, 11)
    found = advise(planned, read(planned, estimates, RULES), RULES, {})
    assert found == [standing(stated(planned, one), RULES)[:2] for one in estimates]


def test_the_advice_is_what_would_be_recommended() -> None:
    planned = setting(tau=0.6)
    estimates = draw(planned, ALL_HELP, 1, 11)
    found = recommend(stated(planned, estimates[0]), RULES)
    assert advise(planned, read(planned, estimates, RULES), RULES, {}) == [(found.kind, found.rule)]


def test_replications_the_rules_cannot_tell_apart_are_judged_once() -> None:
    planned = setting()
    known: Known = {}
    figures = read(planned, draw(planned, ALL_HELP, 300, 1), RULES)
    first = advise(planned, figures, RULES, known)
    assert 1 < len(known) < 100
    marked: Known = {key: (kind, f"{rule} known") for key, (kind, rule) in known.items()}
    assert advise(planned, figures, RULES, marked) == [(kind, f"{rule} known") for kind, rule in first]


def test_a_signature_changes_where_a_claim_is_no_longer_carried() -> None:
    planned = setting(pilots=1)
    strong = np.array([[[3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0]]])
    weak = np.array([[[3.0, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0]]])
    found = [signatures(planned, read(planned, one, RULES), RULES) for one in (strong, weak)]
    assert found[0][0, -4:].tolist() == [1, 1, 0, 0]
    assert found[1][0, -4:].tolist() == [1, 0, 0, 0]


def test_a_claim_of_not_being_worse_is_carried_by_its_margin() -> None:
    cheaper = tuple(replace(item, claim=Claim.NOT_WORSE) for item in PRIMARIES[:2])
    planned = setting(indicators=(*cheaper, *GUARDRAILS), pilots=1)
    found = signatures(planned, read(planned, np.array([[[0.0, -2.5, 0.0, 0.0, 0.0]]]), RULES), RULES)
    assert found[0, -2:].tolist() == [1, 0]


# ---- what is carried, against the rules' own claims ------------------------------------------------------------------


@given(
    st.lists(st.floats(-6.0, 6.0), min_size=4, max_size=4),
    st.integers(1, 4),
    st.sampled_from([Claim.BETTER, Claim.NOT_WORSE]),
)
def test_carried_claims_are_those_of_the_rules(estimates: list[float], required: int, claim: Claim) -> None:
    primaries = tuple(replace(item, claim=claim if n % 2 else Claim.BETTER) for n, item in enumerate(PRIMARIES))
    planned = setting(indicators=primaries, pilots=1, facts=Facts(claims_required=required))
    figures = read(planned, np.array([[estimates]]), RULES)
    tests, _ = primary_claims(figures.case(planned.case, 0), RULES)
    assert signatures(planned, figures, RULES)[0, -4:].tolist() == [int(test.carried is True) for test in tests]


@given(st.lists(st.floats(-6.0, 6.0), min_size=7, max_size=7), st.booleans())
def test_advice_is_that_of_the_full_rules_wherever_the_estimates_lie(estimates: list[float], poor: bool) -> None:
    planned = setting(pilots=1, economy=economy_at(0.4 if poor else 0.9))
    figures = read(planned, np.array([[estimates]]), RULES)
    assert advise(planned, figures, RULES, {}) == [standing(figures.case(planned.case, 0), RULES)[:2]]


@pytest.mark.parametrize("bound", [-2.0, -0.7 * 1.959963984540054, 0.0, 0.7 * 1.959963984540054, 2.0])
def test_on_a_threshold_itself_the_advice_is_that_of_the_full_rules(bound: float) -> None:
    planned = setting(pilots=1)
    estimates = np.full((1, 1, 7), bound)
    figures = read(planned, estimates, RULES)
    assert advise(planned, figures, RULES, {}) == [standing(figures.case(planned.case, 0), RULES)[:2]]


def test_what_lies_on_other_sides_of_a_threshold_is_told_apart() -> None:
    planned = setting(indicators=GUARDRAILS, pilots=1)
    sides = np.array([[[1.0, 1.0, 1.0]], [[-1.0, 1.0, 1.0]], [[-4.0, 1.0, 1.0]], [[1.1, 1.1, 1.0]]])
    found = signatures(planned, read(planned, sides, RULES), RULES)
    assert len({tuple(row) for row in found[:3].tolist()}) == 3
    assert np.array_equal(found[0], found[3])


def test_what_another_truth_met_before_is_known() -> None:
    planned = setting()
    known: Known = {}
    advise(planned, read(planned, draw(planned, ALL_HELP, 200, 1), RULES), RULES, known)
    before = len(known)
    figures = read(planned, draw(planned, ONE_HARMED, 200, 1), RULES)
    assert advise(planned, figures, RULES, known) == advise(planned, figures, RULES, {})
    assert len(known) > before


def test_no_replication_has_no_advice() -> None:
    planned = setting(pilots=1)
    assert advise(planned, read(planned, np.empty((0, 1, 7)), RULES), RULES, {}) == []
