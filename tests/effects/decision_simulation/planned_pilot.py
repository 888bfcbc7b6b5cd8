"""A plan with two primaries and a guardrail, and what its authors expect."""

from typing import Any

from effects.decision_simulation.assumptions import Assumptions, Expectation
from effects.plan import AnalysisPlan

OUTCOMES = [
    {"column": "control", "role": "primary", "domain": "citizen", "better": "higher", "minimal_important": 2.0},
    {"column": "visits", "role": "primary", "domain": "organisation", "better": "lower", "minimal_important": 0.1},
    {
        "column": "falls",
        "name": "Falls",
        "role": "guardrail",
        "domain": "safety",
        "better": "lower",
        "minimal_important": 0.2,
        "margin": 0.1,
        "claim": "not_worse",
    },
    {"column": "mood", "role": "secondary", "domain": "citizen", "better": "higher"},
]
PRECISE = {name: Expectation(standard_error=error) for name, error in {"control": 0.7, "visits": 0.03}.items()}
TOLD: dict[str, Any] = {
    "outcomes": {**PRECISE, "falls": Expectation(standard_error=0.05)},
    "pilots": 3,
    "tau": 0.3,
    "correlation": 0.3,
    "probability_positive": 0.9,
}


def plan(**changes: Any) -> AnalysisPlan:
    stated: dict[str, Any] = {
        "schema": "virkning-plan/1",
        "title": "Screens at home",
        "design": "cluster_randomised",
        "estimand": "itt",
        "data": {"unit": "person", "cluster": "site", "treated": "arm"},
        "outcome": OUTCOMES,
    }
    return AnalysisPlan.from_mapping(stated | changes)


def assumptions(**changes: Any) -> Assumptions:
    return Assumptions(**(TOLD | changes))
