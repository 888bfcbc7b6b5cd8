import pytest

from effects.codes import Role
from effects.recommendation import standing
from registry.benchmarks.decisions_cells import (
    ALL_PILOTS,
    BOUNDS,
    GUARDRAILS,
    PEERS,
    PRIMARIES,
    PROTOTYPE,
    SIX,
    TAUS,
    THREE,
    TRUTHS,
    Pilots,
    setting,
)

RULES = {*PEERS.values(), *(pilots.name for pilots in ALL_PILOTS)}


def test_the_setting_is_that_of_the_rules_own_table() -> None:
    found = setting(THREE, 0.3)
    primaries = [item for item in found.indicators if item.role is Role.PRIMARY]
    assert len(primaries) == len({item.domain for item in primaries}) == 4
    assert {item.domain.value for item in found.indicators if item.role is Role.GUARDRAIL} == {
        "safety",
        "staff",
        "equity",
    }
    assert {(item.minimal_important, item.harm_margin, item.standard_error) for item in found.indicators} == {
        (1.0, 1.0, 0.35)
    }
    assert (found.pilots, found.tau, found.correlation) == (3, 0.3, 0.3)
    assert found.economy.probability_positive == 0.9


@pytest.mark.parametrize("pilots", ALL_PILOTS, ids=lambda pilots: pilots.name)
def test_no_figure_is_needed_to_reach_the_rule_that_waits_for_figures(pilots: Pilots) -> None:
    assert standing(setting(pilots, 0.0).case)[1] == "R7"


def test_every_truth_is_about_indicators_that_are_measured() -> None:
    measured = {*PRIMARIES, *GUARDRAILS}
    assert all(set(truth.effects) <= measured for truth in TRUTHS)


def test_every_measured_cell_and_every_bound_is_one_that_is_simulated() -> None:
    names = {truth.name for truth in TRUTHS}
    for found in (PROTOTYPE, BOUNDS):
        assert all(truth in names and rules in RULES for truth, rules in found)
        assert all(1 <= len(shares) <= len(TAUS) for shares in found.values())


def test_all_that_these_rules_measured_is_there_at_every_tau() -> None:
    own = [shares for (_, rules), shares in PROTOTYPE.items() if rules in (THREE.name, SIX.name)]
    assert len(own) == 2 * len(TRUTHS)
    assert all(len(shares) == len(TAUS) for shares in own)
