import pytest

from registry.benchmarks.decisions_cells import (
    ALL_HELP,
    ALL_PILOTS,
    DO_NO_HARM,
    ONE,
    PEERS,
    SIX,
    TAUS,
    THREE,
    TRUTHS,
    USELESS,
)
from registry.benchmarks.decisions_simulation import Figures, agrees_with, simulate

TRIALS = 20


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def found(said: list[str]) -> dict[tuple[str, str, float], Figures]:
    return {(one.truth, one.rules, one.tau): one for one in simulate(TRIALS, 1, said.append)}


def test_every_truth_is_simulated_under_every_rule_at_every_tau(
    found: dict[tuple[str, str, float], Figures], said: list[str]
) -> None:
    rules = [*PEERS.values(), *(pilots.name for pilots in ALL_PILOTS)]
    assert set(found) == {(truth.name, name, tau) for truth in TRUTHS for name in rules for tau in TAUS}
    assert said[0] == f"{ONE.name}, tau 0: {TRIALS} trials of 5 truths"


def test_shares_of_the_rules_are_told_beside_the_rolled_out(found: dict[tuple[str, str, float], Figures]) -> None:
    helped, useless = found[ALL_HELP.name, THREE.name, 0.0], found[USELESS.name, THREE.name, 0.0]
    assert helped.rolled_out.share > 0.8
    assert helped.in_stages is not None and helped.in_stages.share == 0.0
    assert useless.stopped is not None and useless.stopped.share > 0.6
    assert useless.settled is not None and useless.settled.share >= useless.stopped.share


def test_of_the_peers_only_the_rolled_out_are_known(found: dict[tuple[str, str, float], Figures]) -> None:
    peer = found[USELESS.name, DO_NO_HARM, 0.0]
    assert peer.rolled_out.share > 0.6
    assert peer.in_stages is None and peer.stopped is None and peer.settled is None
    assert peer.prototype == 0.869


def test_a_cell_stands_beside_its_prototype_and_bound(found: dict[tuple[str, str, float], Figures]) -> None:
    helped = found[ALL_HELP.name, THREE.name, 0.3]
    assert (helped.prototype, helped.bound) == (0.90, 0.88)
    assert found[ALL_HELP.name, THREE.name, 0.6].bound is None
    assert found[ALL_HELP.name, SIX.name, 0.3].bound is None
    assert found[ALL_HELP.name, ONE.name, 0.0].prototype is None


@pytest.mark.parametrize(
    ("share", "prototype", "helps", "agrees"),
    [
        (0.97, 0.97, True, True),
        (1.0, 0.97, True, True),
        (0.95, 0.97, True, True),
        (0.90, 0.97, True, False),
        (0.0, 0.0, False, True),
        (0.04, 0.03, False, True),
        (0.08, 0.03, False, False),
        (0.01, 0.08, False, True),
    ],
)
def test_better_or_as_near_as_chance_agrees(share: float, prototype: float, helps: bool, agrees: bool) -> None:
    assert agrees_with(share, prototype, 2_000, helps) is agrees


def test_what_is_asked_is_asked_of_the_share_itself(found: dict[tuple[str, str, float], Figures]) -> None:
    for one in found.values():
        if one.bound is not None:
            helps = one.bound > 0.5
            assert one.met is (one.rolled_out.share >= one.bound if helps else one.rolled_out.share <= one.bound)
