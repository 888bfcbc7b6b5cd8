"""Cases about which everything is known, drawn at random: of a single pilot, or with the studies of several."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from effects.case import Case
from effects.codes import Better, Claim, Domain
from effects.rules.indicator import Indicator, Study
from tests.effects.sound_case import guardrails, indicator, sound_case, with_economy, with_gate, with_portfolio

KNOWN: dict[str, Any] = {
    "confounders_unmeasured": 0,
    "baseline_g": 0.0,
    "baseline_adjusted": True,
    "pre_periods": 4,
    "breakdown": 2.0,
    "observed_violation": 1.0,
    "dose_response": False,
    "diagnostics_passed": True,
    "blinded": False,
    "p_value": None,
}
FACTS = st.fixed_dictionaries(
    {
        "design": st.sampled_from(["cluster_randomised", "stepped_wedge", "two_period_did", "before_after"]),
        "dose": st.sampled_from([0.5, 0.9]),
        "self_report": st.booleans(),
        "attrition_treated": st.sampled_from([0.05, 0.15, 0.3]),
        "better": st.sampled_from(Better),
        "margin": st.sampled_from([0.4, 1.0]),
    }
)
ERRORS = st.floats(0.05, 1.0)
EFFECTS = st.floats(-3.0, 3.0)


def sign(seen: Indicator) -> int:
    return 1 if seen.better is Better.HIGHER else -1


def measured(seen: Indicator, effect: float, error: float) -> Indicator:
    """The indicator with this effect (+ for an improvement) of one pilot, normal with its error."""
    centre = sign(seen) * effect
    ends = {"low": centre - 1.959964 * error, "high": centre + 1.959964 * error}
    return replace(seen, estimate=centre, standard_error=error, studies=(), **ends)


def studied(seen: Indicator, effects: list[float], errors: list[float]) -> Indicator:
    """The indicator with these effects (+ for an improvement) of several pilots."""
    found = zip(effects, errors, strict=True)
    return replace(
        seen, studies=tuple(Study(f"pilot {n}", sign(seen) * effect, error) for n, (effect, error) in enumerate(found))
    )


@st.composite
def known_cases(draw: st.DrawFn, *, studies: bool | None = None) -> Case:
    """Two or three primaries and three guardrails; with studies two to four of each indicator."""
    pilots = draw(st.integers(2, 4)) if (draw(st.booleans()) if studies is None else studies) else 0
    names = ["control", "strain", "cost"][: draw(st.integers(2, 3))]
    domains = [Domain.CITIZEN, Domain.STAFF, Domain.ECONOMY]
    claims = [Claim.BETTER, *(draw(st.sampled_from(Claim)) for _ in names[1:])]
    primaries = [
        indicator(name=name, domain=domain, claim=claim, **KNOWN | draw(FACTS))
        for name, domain, claim in zip(names, domains, claims, strict=False)
    ]
    unharmed = guardrails(**KNOWN | draw(FACTS) | {"design": "cluster_randomised"})
    quiet = [with_effect(draw, item, pilots, st.floats(-1.5, 1.0)) for item in unharmed]
    loud = [with_effect(draw, item, pilots, EFFECTS) for item in primaries]
    case = replace(sound_case(), indicators=(*loud, *quiet))
    case = with_economy(case, expected_net_value=draw(st.sampled_from([-100.0, 100.0])))
    case = with_portfolio(
        case,
        pilots=max(1, pilots),
        extension_feasible=draw(st.booleans()),
        evsi=draw(st.sampled_from([0.5, 2.0])),
        extension_assurance=draw(st.sampled_from([0.5, 0.9])),
        share_silent=draw(st.sampled_from([0.0, 0.3])),
        strata_covered=draw(st.booleans()),
    )
    return with_gate(case, "G5", draw(st.sampled_from([True, True, False])))


def with_effect(draw: st.DrawFn, seen: Indicator, pilots: int, effects: st.SearchStrategy[float]) -> Indicator:
    """The indicator with an effect drawn, of one pilot or of several that differ."""
    if not pilots:
        return measured(seen, draw(effects), draw(ERRORS))
    centre, spread = draw(effects), draw(st.sampled_from([0.0, 0.1, 0.6]))
    apart = [centre + spread * draw(st.floats(-1.0, 1.0)) for _ in range(pilots)]
    return studied(seen, apart, [draw(ERRORS) for _ in range(pilots)])
