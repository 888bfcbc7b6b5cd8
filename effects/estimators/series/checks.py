"""What a segmented series rests on: enough points, errors that do not carry over, a break that stands out."""

from typing import Final

import numpy as np
from scipy.special import chdtrc

from effects.codes import Family, Verdict
from effects.estimators.series.fitting import fitted
from effects.estimators.series.points import LEAST_POINTS, Points
from effects.estimators.series.segments import Segments, segmented
from effects.inference.least_squares import Fit
from effects.message import Message
from effects.planning.sections import Model
from effects.results import Diagnostic
from effects.rows.columns import Codes, Numbers

ENOUGH_POINTS: Final = 8
SIGNIFICANT: Final = 0.05
MOST_LAGS: Final = 10
OFTEN: Final = 0.1
LEAST_DATES: Final = 5
MOST_DATES: Final = 60
MUCH_DISPERSION: Final = 2.0


def series_checks(points: Points, segments: Segments, fit: Fit, model: Model, column: str) -> tuple[Diagnostic, ...]:
    """Every check of a fitted series."""
    found = [enough_points(points, column), residual_autocorrelation(points, fit, column)]
    found.append(placebo_breaks(points, segments, fit, model, column))
    if points.family is not Family.GAUSSIAN:
        found.append(overdispersion(fit, column))
    return tuple(found)


def enough_points(points: Points, column: str) -> Diagnostic:
    """Points on the shorter side of the start, in the shorter series; Penfold and Zhang 2013 ask for 8 on each side."""
    sides = [
        int(np.sum((points.group == arm) & (points.after == side)))
        for arm in np.unique(points.group)
        for side in (False, True)
    ]
    before, after = min(sides[0::2]), min(sides[1::2])
    return Diagnostic(
        name="points_before_and_after",
        question=Message("Is the series long enough on both sides of the start?"),
        null=Message("At least {points} points before the start and from it on.", {"points": ENOUGH_POINTS}),
        statistic=float(min(before, after)),
        p_value=None,
        verdict=Verdict.WARN if min(before, after) < ENOUGH_POINTS else Verdict.PASS,
        detail=Message("{before} before and {after} from the start on", {"before": before, "after": after}),
        outcome=column,
    )


def residual_autocorrelation(points: Points, fit: Fit, column: str) -> Diagnostic:
    """Autocorrelation of the residuals at lag 1 with the test of Ljung and Box 1978 over up to 10 lags.

    Residuals are Pearson's; those of a control are taken from those of the intervention.
    """
    sign = np.where(points.group == 1, 1.0, -1.0) if len(np.unique(points.group)) > 1 else np.ones(len(points.group))
    scores: Numbers = np.bincount(points.steps, weights=sign * np.sqrt(fit.model.weights) * fit.residuals).astype(
        np.float64
    )
    lags = max(1, min(MOST_LAGS, len(np.unique(points.steps)) // 5))
    correlations = autocorrelations(scores, lags)
    p_value = ljung_box(correlations, len(np.unique(points.steps)))
    found = bool(np.isfinite(p_value))
    return Diagnostic(
        name="residual_autocorrelation",
        question=Message("Do errors carry over from one period to the next?"),
        null=Message("Residuals are uncorrelated up to lag {lags}.", {"lags": lags}),
        statistic=float(correlations[0]) if found else None,
        p_value=p_value if found else None,
        verdict=Verdict.INAPPLICABLE if not found else Verdict.WARN if p_value < SIGNIFICANT else Verdict.PASS,
        detail=Message(
            "correlations {correlations}", {"correlations": ", ".join(f"{value:.2f}" for value in correlations)}
        )
        if found
        else Message("no residuals to compare"),
        outcome=column,
    )


def autocorrelations(values: Numbers, lags: int) -> Numbers:
    """Correlations of a series (T,) of mean about zero with itself 1 to `lags` periods later."""
    total = float(values @ values)
    return np.array(
        [float(values[lag:] @ values[:-lag]) / total if total > 0.0 else np.nan for lag in range(1, lags + 1)]
    )


def ljung_box(correlations: Numbers, periods: int) -> float:
    """P-value that all of these correlations (lags,) are zero."""
    lags = np.arange(1, len(correlations) + 1)
    statistic = periods * (periods + 2.0) * float(np.sum(correlations**2 / (periods - lags)))
    return float(chdtrc(len(correlations), statistic))


def placebo_breaks(points: Points, segments: Segments, fit: Fit, model: Model, column: str) -> Diagnostic:
    """Share of dates before the start at which the same model, of the time before alone, breaks at least as much."""
    place = next(iter(segments.changes.values()))
    actual = abs(float(fit.coefficients[place]))
    breaks = _breaks(points, model, interacted=any("x group" in name for name in segments.names))
    share = float(np.mean(breaks >= actual)) if len(breaks) >= LEAST_DATES else None
    return Diagnostic(
        name="placebo_breaks",
        question=Message("Does the series break as much at dates when nothing began?"),
        null=Message("At most {share:.0%} of earlier dates show as large a change.", {"share": OFTEN}),
        statistic=share,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if share is None else Verdict.WARN if share > OFTEN else Verdict.PASS,
        detail=Message("{dates} earlier dates have enough points around them", {"dates": len(breaks)}),
        outcome=column,
    )


def _breaks(points: Points, model: Model, *, interacted: bool) -> Numbers:
    """Sizes of the first change at up to 60 dates before the start, (dates,)."""
    past = points.part(~points.after)
    sizes = []
    for date in _dates(past):
        moved = past.part(np.ones(len(past.times), dtype=np.bool_), float(past.times[past.steps == date][0]))
        segments = segmented(moved, model, interacted=interacted)
        found = fitted(moved, segments)
        if isinstance(found, Fit):
            sizes.append(abs(float(found.coefficients[next(iter(segments.changes.values()))])))
    return np.array(sizes)


def _dates(past: Points) -> list[int]:
    dates: Codes = np.unique(past.steps)[LEAST_POINTS : 1 - LEAST_POINTS]
    if len(dates) > MOST_DATES:
        dates = dates[np.linspace(0, len(dates) - 1, MOST_DATES).astype(np.int64)]
    return [int(date) for date in dates]


def overdispersion(fit: Fit, column: str) -> Diagnostic:
    """Pearson's chi-square over its degrees of freedom, 1 where the family's variance holds."""
    rows, columns = fit.model.design.shape
    dispersion = float(np.sum(fit.model.weights * fit.residuals**2)) / (rows - columns)
    return Diagnostic(
        name="overdispersion",
        question=Message("Does the outcome vary more than its family allows?"),
        null=Message("The dispersion is at most {most:g}.", {"most": MUCH_DISPERSION}),
        statistic=dispersion,
        p_value=None,
        verdict=Verdict.WARN if dispersion > MUCH_DISPERSION else Verdict.PASS,
        detail=Message("the errors are widened by it"),
        outcome=column,
    )
