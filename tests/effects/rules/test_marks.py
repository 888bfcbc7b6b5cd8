import pytest

from effects.codes import Claim, Domain, Role
from effects.rules.attrition import potential_bias
from effects.rules.claims import claim_p
from effects.rules.economy import Economy, worked_out
from effects.rules.marks import costs, losses, shifts, units, values
from effects.rules.moving import mover
from effects.rules.ruleset import load_ruleset
from tests.effects.sound_case import indicator, sound_case, telecare_nord, with_economy

RULES = load_ruleset()
ECONOMY = telecare_nord().economy


def positive(economy: Economy) -> float:
    return worked_out(economy)["probability_positive"]


def test_the_value_of_a_unit_that_pays_and_those_that_probably_do() -> None:
    pays, *likely = values(ECONOMY, 0.8)
    assert pays == pytest.approx(55151.515, abs=0.01)
    found = [positive(with_economy(telecare_nord(), value_per_unit=value).economy) for value in likely]
    assert found == [pytest.approx(0.8) if value > pays else pytest.approx(0.2) for value in likely]


def test_costs_and_units_that_pay() -> None:
    pays, likely = costs(ECONOMY, 0.8)
    assert pays == pytest.approx(278.10, abs=0.01)
    shift = likely - 728.0
    cheaper = with_economy(telecare_nord(), cost_difference=likely, cost_low=-754 + shift, cost_high=2211 + shift)
    assert positive(cheaper.economy) == pytest.approx(0.8)
    assert units(ECONOMY, 0.8)[0] == pytest.approx(0.034555, abs=1e-6)


@pytest.mark.parametrize("missing", ["cost_difference", "units_gained"])
def test_without_its_parts_there_is_no_mark(missing: str) -> None:
    blind = with_economy(telecare_nord(), **{missing: None}).economy
    assert values(blind, 0.8) == ()
    assert (costs(blind, 0.8) == ()) is (missing == "units_gained")


@pytest.mark.parametrize("other", [0.0, 0.05, 0.51, 0.9])
def test_shares_lost_at_which_the_bias_passes_a_threshold(other: float) -> None:
    first, *marks = losses(other, RULES.steps["A"])
    assert first == other
    for mark in marks:
        assert potential_bias(mark, other, 0.45, 0.39) == pytest.approx(0.05) or potential_bias(
            mark, other, 0.45, 0.39
        ) == pytest.approx(0.10)
    assert losses(None, RULES.steps["A"]) == ()


def test_gains_take_an_end_of_the_interval_to_a_threshold_and_the_claim_to_its_level() -> None:
    seen = indicator(p_value=None)
    moving = mover(seen, RULES)
    assert moving is not None
    case = sound_case(seen, indicator(name="strain", domain=Domain.STAFF))
    found = shifts(case, seen, moving, RULES)
    for expected in (-1.1, -0.1, -0.9, 0.9, -1.9, -2.9, -1.2, -1.5):
        assert expected in [pytest.approx(gain) for gain in found]
    proofs = [gain for gain in found if claim_p(moving(gain), 0.95) in (pytest.approx(0.05), pytest.approx(0.025))]
    assert len({round(gain, 6) for gain in proofs}) == 2


@pytest.mark.parametrize("facts", [{"role": Role.GUARDRAIL}, {"in_plan": False}, {"claim": Claim.NOT_WORSE}])
def test_only_claims_have_levels(facts: dict[str, object]) -> None:
    seen = indicator(p_value=None, **facts)
    moving = mover(seen, RULES)
    assert moving is not None
    number = len(shifts(sound_case(seen), seen, moving, RULES))
    assert number == (11 if facts.get("claim") is Claim.NOT_WORSE else 10)
