"""Result files and analyses for the tests of this slice and later ones."""

from typing import Any

from effects.codes import Better, Domain, Role
from effects.planning.sections import Outcome

FALLS = Outcome(column="falls", role=Role.PRIMARY, domain=Domain.SAFETY, better=Better.LOWER, minimal_important=0.5)
SLEEP = Outcome(
    column="sleep",
    name="Hours of sleep",
    role=Role.PRIMARY,
    domain=Domain.CITIZEN,
    better=Better.HIGHER,
    minimal_important=0.25,
)
STRESS = Outcome(column="stress", role=Role.GUARDRAIL, domain=Domain.STAFF, better=Better.LOWER)


def an_estimate(outcome: str, estimate: float, half_width: float, p_adjusted: float | None, **changed: Any) -> Any:
    """An entry of a result file."""
    return {
        "kind": "estimate",
        "outcome": outcome,
        "aggregation": "overall",
        "analysis": "primary",
        "subgroup": None,
        "estimate": estimate,
        "standard_error": half_width / 2,
        "standard_error_kind": "cr2",
        "df": 12.5,
        "interval": {"level": 0.95, "low": estimate - half_width, "high": estimate + half_width, "method": "t"},
        "p_value": 0.04,
        "p_adjusted": p_adjusted,
        "rows": 231,
        "clusters": 29,
        "estimator": "wls_fixed_effects",
        "note": None,
        **changed,
    }


def no_estimate(outcome: str) -> Any:
    """An entry that says why there is no answer."""
    return {
        "kind": "not_estimable",
        "outcome": outcome,
        "aggregation": "overall",
        "analysis": "primary",
        "subgroup": None,
        "reason": "too_few_clusters",
        "detail": "1 treated cluster",
        "needs": "at least 2 treated clusters",
    }


def a_result(*entries: Any) -> dict[str, Any]:
    """A result file with these entries."""
    return {"schema": "virkning-result/1", "estimates": list(entries), "diagnostics": []}
