from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from effects.rules.certainty import certainty
from effects.rules.levels import Levels
from effects.rules.moving import mover
from effects.rules.ruleset import load_ruleset
from tests.effects.sound_case import indicator, sound_case, with_portfolio

RULES = load_ruleset()
DESIGNS = st.sampled_from(["cluster_randomised", "two_period_did", "matched_comparison", None])
SHARES = st.sampled_from([0.0, 0.15, 0.3, 0.5])


@given(DESIGNS, st.lists(st.tuples(st.floats(-4, 4), SHARES, SHARES, SHARES), min_size=2, max_size=8))
def test_levels_are_those_of_certainty(design: str | None, variants: list[tuple[float, float, float, float]]) -> None:
    facts = {"baseline_g": 0.0, "baseline_adjusted": True, "confounders_unmeasured": 0, "pre_periods": 4}
    seen = indicator(design=design, breakdown=2.0, observed_violation=1.0, dose_response=False, **facts)
    levels, moving = Levels(RULES), mover(seen, RULES)
    assert moving is not None
    for shift, lost, dose, silent in variants:
        changed = replace(moving(shift), attrition_treated=lost, dose=dose)
        case = with_portfolio(sound_case(changed), share_silent=silent)
        found, true = levels(case, changed, RULES), certainty(case, changed, RULES)
        assert (found.level, found.lowest, found.highest) == (true.level, true.lowest, true.highest)


def test_what_the_rules_cannot_tell_apart_is_worked_out_once() -> None:
    levels, case = Levels(RULES), sound_case()
    first = levels(case, indicator(), RULES)
    assert levels(case, indicator(estimate=1.51), RULES) is first
    assert levels(case, indicator(dose=0.5), RULES) is not first
