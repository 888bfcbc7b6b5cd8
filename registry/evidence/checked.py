"""What the checks of a result say about an indicator, where they answer a question that the rules ask. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from effects.codes import Aggregation, Design

AS_BEFORE: Final = 1.0
"""The violation of parallel trends on HonestDiD's scale that the periods before the start themselves show."""


def checked(design: Design, result: Mapping[str, Any], column: str) -> dict[str, Any]:
    """Inputs of the rules, by name, that the result itself answers for one outcome; the evaluator answers the rest."""
    found = {check["name"]: check["statistic"] for check in result["diagnostics"] if check["outcome"] == column}
    entries = [entry for entry in result["estimates"] if entry["outcome"] == column and not entry.get("subgroup")]
    answers: dict[str, Any] = {}
    if design is Design.STAGGERED_ADOPTION:
        before = {entry["event_time"] for entry in entries if entry["aggregation"] == Aggregation.EVENT_TIME}
        answers["pre_periods"] = sum(1 for time in before if time is not None and time < 0) + 1
        if found.get("honest_did_breakdown") is not None:
            answers |= {"breakdown": found["honest_did_breakdown"], "observed_violation": AS_BEFORE}
    if design is Design.SYNTHETIC_CONTROL and found.get("placebos_enumerated") is not None:
        answers["placebos_enumerated"] = found["placebos_enumerated"] == 1.0
    if design is Design.MATCHED_COMPARISON and found.get("balance_after_weighting") is not None:
        answers |= {"baseline_g": found["balance_after_weighting"], "baseline_adjusted": True}
    return answers
