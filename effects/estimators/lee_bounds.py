"""What selective loss could have done to the effect of an individually randomised trial."""

from typing import Final

import numpy as np

from effects.codes import Verdict
from effects.design_answers import Asked, DesignAnswer
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.columns import Numbers

_QUESTION: Final = Message("Could loss from one arm have made the effect?")
_NULL: Final = Message("Both bounds on the effect among those observed in either arm have the same sign.")


def lee_bounds(asked: Asked) -> DesignAnswer:
    """A check by the bounds of Lee (2009), whose statistic is the bound nearer to zero (0 where they include it).

    The arm that lost less is trimmed by the excess share of its lowest, or its highest, outcomes. Assignment must be
    random and loss must move one way only; weights and covariates play no part.
    """
    name = asked.outcome.stated.column
    arms = _arms(asked)
    if arms is None:
        return DesignAnswer((), (_said(name, None, Message("nothing is lost, or rows are weighted")),))
    low, high = bounds(*arms)
    if not np.isfinite([low, high]).all():
        return DesignAnswer((), (_said(name, None, Message("too few outcomes are left after trimming")),))
    detail = Message("the effect lies between {low:.4g} and {high:.4g}", {"low": low, "high": high})
    return DesignAnswer((), (_said(name, (low, high), detail),))


def bounds(treated: Numbers, untreated: Numbers) -> tuple[float, float]:
    """Lowest and highest difference in means of outcomes, NaN where lost, that trimming the fuller arm leaves."""
    known = [arm[np.isfinite(arm)] for arm in (treated, untreated)]
    shares = [len(seen) / len(arm) for seen, arm in zip(known, (treated, untreated), strict=True)]
    if min(shares) == 0.0:
        return float("nan"), float("nan")
    fuller = 0 if shares[0] >= shares[1] else 1
    excess = (shares[fuller] - shares[1 - fuller]) / shares[fuller]
    other = float(np.mean(known[1 - fuller]))
    lowest, highest = _trimmed(np.sort(known[fuller]), excess)
    return (lowest - other, highest - other) if fuller == 0 else (other - highest, other - lowest)


def _trimmed(ordered: Numbers, share: float) -> tuple[float, float]:
    """Means without the highest and without the lowest share; a value at the edge counts in part."""
    kept = len(ordered) * (1.0 - share)
    if kept <= 0.0:
        return float("nan"), float("nan")
    weights = np.clip(kept - np.arange(len(ordered)), 0.0, 1.0)
    return float(np.average(ordered, weights=weights)), float(np.average(ordered[::-1], weights=weights))


def _arms(asked: Asked) -> tuple[Numbers, Numbers] | None:
    values, treated = asked.outcome.values, asked.roles.treated
    if treated is None or asked.roles.weight is not None or not np.isnan(values).any():
        return None
    arms = values[treated == 1.0], values[treated == 0.0]
    return arms if min(len(arm) for arm in arms) else None


def _said(name: str, found: tuple[float, float] | None, detail: Message) -> Diagnostic:
    nearer = None
    if found is not None:
        nearer = 0.0 if found[0] <= 0.0 <= found[1] else min(found, key=abs)
    return Diagnostic(
        name="lee_bounds",
        question=_QUESTION,
        null=_NULL,
        statistic=nearer,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if nearer is None else Verdict.PASS if nearer else Verdict.WARN,
        detail=detail,
        outcome=name,
    )
