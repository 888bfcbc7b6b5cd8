"""What the figures of a result say of each other, where there are no rows to work it out again."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scipy.special import ndtr, ndtri, stdtr, stdtrit

from effects.bundle.differences import Difference, same, shown

ROUNDING: Final = 1e-6
"""Relative room for limits and p-values that are worked out from estimate and standard error."""

OWN_P_VALUE: Final = frozenset({"placebo"})
"""Standard errors whose p-value is counted and not worked out from them."""

ITSELF: Final = "the same file"


def within_the_result(file: str, result: Mapping[str, Any]) -> Iterator[Difference]:
    """Where rows are not accounted for, or a sentence is not what its template and values say."""
    rows = result.get("data")
    if isinstance(rows, dict):
        dropped = rows.get("dropped")
        counts = [item.get("rows") for item in dropped if isinstance(item, dict)] if isinstance(dropped, list) else []
        left_out = sum(count for count in counts if isinstance(count, int))
        used = rows.get("rows_used")
        accounted = used + left_out if isinstance(used, int) else None
        if rows.get("rows") != accounted:
            yield Difference(file, "$.data.rows", shown(rows.get("rows")), shown(accounted), ITSELF)
    yield from _sentences(file, "$", result)
    entries = result.get("estimates")
    for place, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict) and entry.get("kind") == "estimate":
            yield from _interval(file, f"$.estimates[{place}]", entry)


def _sentences(file: str, where: str, value: Any) -> Iterator[Difference]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _sentences(file, f"{where}[{place}]", item)
    elif isinstance(value, dict):
        messages_of = value.get("messages")
        for name, messages in messages_of.items() if isinstance(messages_of, dict) else ():
            said = _said(messages)
            if value.get(name) != said:
                yield Difference(file, f"{where}.{name}", shown(value.get(name)), shown(said), ITSELF)
        for name, item in value.items():
            if name != "messages":
                yield from _sentences(file, f"{where}.{name}", item)


def _said(messages: Any) -> str | None:
    try:
        return " ".join(item["template"].format(**item["params"]) for item in messages)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None


def _interval(file: str, where: str, entry: Mapping[str, Any]) -> Iterator[Difference]:
    """Limits and p-value that do not follow from estimate, standard error and degrees of freedom.

    A p-value by placebos or by an own method of the estimator is left as it stands.
    """
    try:
        estimate, error, limits = float(entry["estimate"]), float(entry["standard_error"]), entry["interval"]
        df = entry["df"] if limits["method"] == "t" else None
        level, stated = float(limits["level"]), (limits["low"], limits["high"])
        reach = float(ndtri((1 + level) / 2) if df is None else stdtrit(df, (1 + level) / 2)) * error
        tail = float(ndtr(-abs(estimate) / error) if df is None else stdtr(df, -abs(estimate) / error))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        yield Difference(file, where, shown(entry), "an estimate with its interval", ITSELF)
        return
    for name, value, found in zip(("low", "high"), stated, (estimate - reach, estimate + reach), strict=True):
        if not isinstance(value, int | float) or abs(value - found) > ROUNDING * error:
            yield Difference(file, f"{where}.interval.{name}", shown(value), shown(found), ITSELF)
    if str(entry.get("standard_error_kind")) not in OWN_P_VALUE and not same(entry.get("p_value"), 2 * tail, ROUNDING):
        yield Difference(file, f"{where}.p_value", shown(entry.get("p_value")), shown(2 * tail), ITSELF)
