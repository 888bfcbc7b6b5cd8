from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.case import Case
from effects.codes import Domain, Kind, Role
from effects.message import Message
from effects.recommendation import standing
from effects.rules.indicator import Indicator
from effects.rules.ladder import RANK, RuleOutcome, first_match
from effects.rules.ruleset import Ruleset, load_ruleset
from effects.rules.tristate import Tristate
from tests.effects.drawn_cases import known_cases, measured, sign, studied
from tests.effects.sound_case import guardrails, indicator, primaries, sound_case, with_portfolio

RULES = load_ruleset().recommendations
STATES = st.sampled_from([True, False, None])
GUARDED = {Kind.STOP, Kind.ROLL_OUT, Kind.ROLL_OUT_IN_STAGES}


def outcome(rule: str, state: Tristate, kind: Kind | None = None) -> RuleOutcome:
    kinds = tuple(Kind(name) for name in RULES[rule].kinds)
    return RuleOutcome(rule, kind or kinds[0], kinds, Message(RULES[rule].title), state, (), "source")


def ladder(*states: Tristate, harm: Kind = Kind.PAUSE_AND_REVIEW) -> list[RuleOutcome]:
    """R0 to R6 in the states given, and R7, which always applies."""
    outcomes = [outcome(f"R{n}", state) for n, state in enumerate((*states, True))]
    outcomes[1] = replace(outcomes[1], kind=harm)
    return outcomes


def fired(*states: Tristate, harm: Kind = Kind.PAUSE_AND_REVIEW) -> tuple[str, Kind]:
    found = first_match(ladder(*states, harm=harm))[1]
    return found.rule, found.kind


@pytest.mark.parametrize(
    ("states", "rule"),
    [
        ((False,) * 7, "R7"),
        ((True,) * 7, "R0"),
        ((False, True, True, False, False, False, False), "R1"),
        ((False, False, True, True, False, False, False), "R2"),
        ((False, False, False, True, False, False, False), "R3"),
        ((False, False, False, False, True, True, True), "R4"),
        ((False, False, False, False, False, True, True), "R5"),
        ((False, False, False, False, False, False, True), "R6"),
    ],
)
def test_the_first_rule_that_applies_fires(states: tuple[Tristate, ...], rule: str) -> None:
    assert fired(*states)[0] == rule


@pytest.mark.parametrize(
    ("states", "rule"),
    [
        ((None, False, True, True, False, False, False), "R7"),
        ((False, None, True, True, False, False, False), "R7"),
        ((False, False, None, True, False, False, False), "R3"),
        ((False, False, None, None, True, False, False), "R7"),
        ((None, False, False, False, True, False, False), "R7"),
        ((False, False, False, False, None, False, True), "R6"),
        ((False, False, False, False, False, None, True), "R7"),
        ((False, False, None, False, False, True, False), "R5"),
        ((None, True, False, False, False, False, False), "R1"),
        ((False, None, False, False, False, True, True), "R5"),
        ((None,) * 7, "R7"),
    ],
)
def test_an_undecided_rule_holds_back_what_it_could_contradict(states: tuple[Tristate, ...], rule: str) -> None:
    assert fired(*states)[0] == rule


def test_what_holds_a_rule_back_is_named() -> None:
    outcomes, _ = first_match(ladder(None, False, False, False, False, None, True))
    assert outcomes[6].waits_for == ("R0", "R5")


def test_harm_stops_where_it_may() -> None:
    states = (False, True, False, False, False, False, False)
    assert fired(*states, harm=Kind.STOP) == ("R1", Kind.STOP)
    assert fired(*states, harm=Kind.PAUSE_AND_REVIEW) == ("R1", Kind.PAUSE_AND_REVIEW)


def test_every_rule_is_listed() -> None:
    outcomes, _ = first_match(ladder(*(False,) * 7))
    assert [item.rule for item in outcomes] == list(RULES)


@given(st.tuples(*[STATES] * 7), st.sampled_from([Kind.STOP, Kind.PAUSE_AND_REVIEW]), st.data())
def test_what_is_not_known_never_stops_and_never_rolls_out(
    states: tuple[Tristate, ...], harm: Kind, data: st.DataObject
) -> None:
    """However the unknowns turn out, an advice to stop or roll out given without them is of the same direction."""
    kind = fired(*states, harm=harm)[1]
    if kind in GUARDED and states[0] is not None:
        truth = tuple(data.draw(st.booleans()) if state is None else state for state in states)
        outcome = fired(*truth, harm=harm)[1]
        assert (outcome == Kind.STOP) is (kind == Kind.STOP)
        assert outcome in GUARDED


@given(st.tuples(*[st.booleans()] * 7))
def test_with_everything_known_nothing_waits(states: tuple[bool, ...]) -> None:
    outcomes, _ = first_match(ladder(*states))
    assert all(item.waits_for == () for item in outcomes)


# ---- what better and weaker evidence do to the advice ----------------------------------------------------------------

V1, V2 = load_ruleset("1"), load_ruleset("2")


def advised(case: Case, rules: Ruleset = V1) -> tuple[int, str]:
    """Rank of the advice and the rule that gave it."""
    kind, rule, _ = standing(case, rules)
    return RANK[Kind(kind)], rule


def moved(case: Case, place: int, gain: float) -> Case:
    """All that is known of one indicator's effect larger by a gain, + for an improvement."""
    item = case.indicators[place]
    shift = sign(item) * gain
    ends = {name: getattr(item, name) for name in ("estimate", "low", "high", "predictive_low", "predictive_high")}
    studies = tuple(replace(study, estimate=study.estimate + shift) for study in item.studies)
    changed: dict[str, Any] = {name: end + shift for name, end in ends.items() if end is not None}
    better = replace(item, **changed, studies=studies)
    return replace(case, indicators=(*case.indicators[:place], better, *case.indicators[place + 1 :]))


def test_every_advice_has_its_place_in_the_order() -> None:
    assert set(RANK) == set(Kind)
    assert RANK[Kind.STOP] == RANK[Kind.PAUSE_AND_REVIEW] < RANK[Kind.NOT_ENOUGH_EVIDENCE] == RANK[Kind.EXTEND]
    assert RANK[Kind.EXTEND] < RANK[Kind.ROLL_OUT_IN_STAGES] < RANK[Kind.ROLL_OUT]


@settings(max_examples=60)
@given(known_cases(), st.integers(0, 5), st.floats(0.0, 3.0))
def test_a_common_favourable_shift_lowers_the_advice_only_to_say_that_nothing_is_gained(
    case: Case, place: int, gain: float
) -> None:
    """Version 1: what was inconclusive may become "little or no effect" (R4); nothing else is lowered."""
    after = advised(moved(case, place % len(case.indicators), gain))
    assert after[0] >= advised(case)[0] or after[1] == "R4"


@settings(max_examples=60)
@given(known_cases(), st.integers(0, 5), st.floats(0.0, 3.0))
def test_in_version_2_a_common_favourable_shift_never_lowers_the_advice(case: Case, place: int, gain: float) -> None:
    assert advised(moved(case, place % len(case.indicators), gain), V2)[0] >= advised(case, V2)[0]


@settings(max_examples=40)
@given(known_cases(), st.floats(1.0, 3.0), st.floats(0.1, 1.0))
def test_more_precise_favourable_homogeneous_evidence_never_lowers_the_advice(
    case: Case, effect: float, times: float
) -> None:
    """Favourable: every primary at m or more, no guardrail below 0; homogeneous: all pilots alike."""
    alike = replace(case, indicators=tuple(as_good(item, effect, 1.0) for item in case.indicators))
    sharper = replace(case, indicators=tuple(as_good(item, effect, times) for item in case.indicators))
    for rules in (V1, V2):
        assert advised(sharper, rules)[0] >= advised(alike, rules)[0]


def as_good(item: Indicator, effect: float, times: float) -> Indicator:
    """The indicator with its own errors, scaled, around one effect: `effect` for a primary, none for a guardrail."""
    centre = effect if item.role is Role.PRIMARY else 0.0
    if not item.studies:
        return measured(item, centre, times * (item.standard_error or 1.0))
    return studied(item, [centre] * len(item.studies), [times * study.standard_error for study in item.studies])


@settings(max_examples=40)
@given(known_cases(), st.sampled_from(["lost", "strata", "silence", "places"]), st.floats(0.0, 1.0))
def test_weaker_evidence_never_raises_the_advice_but_where_a_stop_rested_on_it(
    case: Case, what: str, share: float
) -> None:
    """That nothing is gained (R4) asks for certainty too: what is less certain does not stop."""
    for rules in (V1, V2):
        before, after = advised(case, rules), advised(weaker(case, what, share), rules)
        assert after[0] <= before[0] or (before[1] == "R4" and after[0] < RANK[Kind.ROLL_OUT_IN_STAGES])


def weaker(case: Case, what: str, share: float) -> Case:
    if what == "strata":
        return with_portfolio(case, strata_covered=False)
    if what == "places":
        return with_portfolio(case, municipalities_with_comparison=3, regions_with_comparison=1)
    if what == "silence":
        return with_portfolio(case, share_silent=max(share, case.portfolio.share_silent or 0.0))
    lost = [max(item.attrition_treated or 0.0, share) for item in case.indicators]
    worse = zip(case.indicators, lost, strict=True)
    return replace(case, indicators=tuple(replace(item, attrition_treated=arm) for item, arm in worse))


def test_version_1_turns_better_evidence_into_a_stop_and_version_2_does_not() -> None:
    """The interval [-1.5, 0.4] excludes the benefit that matters (1) but not the harm; moved up it excludes both."""
    unclear = primaries(estimate=-0.55, low=-1.5, high=0.4, p_value=None)
    case = with_portfolio(sound_case(*unclear), pilots=1)
    better = moved(moved(case, 0, 0.55), 1, 0.55)
    assert [standing(one, V1)[:2] for one in (case, better)] == [(Kind.NOT_ENOUGH_EVIDENCE, "R7"), (Kind.STOP, "R4")]
    assert [standing(one, V2)[:2] for one in (case, better)] == [(Kind.STOP, "R4"), (Kind.STOP, "R4")]


def test_one_pilot_raised_alone_may_lower_the_advice() -> None:
    """Known: where one place of three does better by half of m, places differ more, and the next may be harmed."""
    narrow = guardrails(margin=0.22, p_value=None)
    before, after = (
        replace(
            sound_case(), indicators=(*primaries(), *(studied(item, [0.0, 0.0, third], [0.1] * 3) for item in narrow))
        )
        for third in (0.0, 0.5)
    )
    assert standing(before, V1)[:2] == (Kind.ROLL_OUT, "R2")
    assert standing(after, V1)[:2] == (Kind.NOT_ENOUGH_EVIDENCE, "R7")


def test_more_precision_about_too_small_an_effect_lowers_the_advice_as_it_should() -> None:
    """Known: an effect of 0.6 m measured roughly may still matter; measured sharply it is below importance."""
    rough, sharp = (
        sound_case(*(measured(item, 0.6, error) for item in primaries(p_value=None))) for error in (0.25, 0.15)
    )
    assert standing(rough, V1)[:2] == (Kind.ROLL_OUT, "R2")
    assert standing(sharp, V1)[:2] == (Kind.NOT_ENOUGH_EVIDENCE, "R7")


def test_a_claim_that_another_overtakes_stays_carried() -> None:
    """Whichever claims lead: raising one never takes away what the conjunction proves of the others."""
    p_values = [0.016, 0.016, 0.5]
    domains = [Domain.CITIZEN, Domain.STAFF, Domain.ECONOMY]
    items = [
        indicator(name=domain.value, domain=domain, p_value=p) for domain, p in zip(domains, p_values, strict=True)
    ]
    weak = replace(items[2], dose=0.5, contamination=0.5)
    before = sound_case(items[0], items[1], weak)
    after = sound_case(items[0], items[1], replace(weak, p_value=0.015))
    assert advised(before) == advised(after) == (RANK[Kind.ROLL_OUT], "R2")
