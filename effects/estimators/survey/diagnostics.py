"""What a survey rests on: who answered, what the design costs, and what the silent could have changed."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from effects.codes import Calibration, Verdict
from effects.design_answers import Asked
from effects.estimators.survey.means import Estimate, weighted_mean
from effects.estimators.survey.waves import Frame, Waves
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.column_reading import Levels
from effects.rows.columns import Numbers

LOW_RESPONSE: Final = 0.6
UNEVEN: Final = 0.1
FEW_PARTIAL: Final = 0.05
COSTLY: Final = 2.0
MOST_GROUPS: Final = 50


def survey_diagnostics(asked: Asked, frame: Frame, waves: Waves, found: Estimate) -> tuple[Diagnostic, ...]:
    """Every check of a survey that was estimated."""
    checks = [response_rate(asked, frame), response_by_group(asked, frame), design_effect(asked, waves, found)]
    if len(asked.roles.outcomes) > 1:
        checks.append(partial_responses(asked, frame))
    checks.append(nonresponse_bound(asked, frame, waves))
    if asked.plan.survey.calibration not in (None, Calibration.NONE):
        checks.append(calibrated_weights(asked, waves))
    return tuple(checks)


def response_rate(asked: Asked, frame: Frame) -> Diagnostic:
    """Share of the rows drawn that answered, in the wave where it is lower."""
    rates = _rates(frame)
    return Diagnostic(
        name="response_rate",
        question=Message("Did those who were drawn answer?"),
        null=Message("At least {least:.0%} answered in each wave.", {"least": LOW_RESPONSE}),
        statistic=min(rates),
        p_value=None,
        verdict=Verdict.WARN if min(rates) < LOW_RESPONSE else Verdict.PASS,
        detail=Message("{before:.1%} before and {after:.1%} after", {"before": rates[0], "after": rates[1]}),
        outcome=asked.outcome.stated.column,
    )


def response_by_group(asked: Asked, frame: Frame) -> Diagnostic:
    """Largest difference of response rates between the levels of a subgroup, a margin or a stratum."""
    found = [gap for name, levels in _groups(asked) if (gap := _gap(name, levels, frame)) is not None]
    largest, detail = max(found, key=lambda gap: gap[0]) if found else (None, Message("no groups are stated"))
    return Diagnostic(
        name="response_by_group",
        question=Message("Did some groups answer more than others?"),
        null=Message("Response rates differ by at most {most:.0%} between groups.", {"most": UNEVEN}),
        statistic=largest,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if largest is None else Verdict.WARN if largest > UNEVEN else Verdict.PASS,
        detail=detail,
        outcome=asked.outcome.stated.column,
    )


def partial_responses(asked: Asked, frame: Frame) -> Diagnostic:
    """Share of those who answered anything that left some outcome out."""
    missing = np.column_stack([np.isnan(outcome.values[frame.rows]) for outcome in asked.roles.outcomes])
    anything = ~missing.all(axis=1)
    partial, answered = int(np.sum(missing.any(axis=1) & anything)), int(np.sum(anything))
    share = partial / answered
    return Diagnostic(
        name="partial_responses",
        question=Message("Did people who answered leave questions out?"),
        null=Message("At most {most:.0%} of those who answered left an outcome out.", {"most": FEW_PARTIAL}),
        statistic=share,
        p_value=None,
        verdict=Verdict.WARN if share > FEW_PARTIAL else Verdict.PASS,
        detail=Message("{partial} of {answered} answered in part", {"partial": partial, "answered": answered}),
        outcome=asked.outcome.stated.column,
    )


def design_effect(asked: Asked, waves: Waves, found: Estimate) -> Diagnostic:
    """Variance of the change over that of simple random samples with replacement of the same sizes.

    Beside it what unequal weights alone would cost: 1 + their squared coefficient of variation (Kish 1965), in the
    wave where that is larger.
    """
    simple, kish = 0.0, 1.0
    for part in (waves.before, waves.after):
        weights = part.calibrated.weights[part.about]
        values = waves.values[part.rows][part.about]
        centred = values - weighted_mean(waves.values[part.rows], part)[0]
        rows = len(values)
        simple += float(np.sum(weights * centred**2) / np.sum(weights)) / max(rows - 1, 1)
        kish = max(kish, float(rows * np.sum(weights**2) / np.sum(weights) ** 2))
    effect = found.standard_error**2 / simple if simple > 0.0 else None
    return Diagnostic(
        name="design_effect",
        question=Message("How much precision do clusters and weights cost?"),
        null=Message("The variance is at most {most:g} times that of simple random samples.", {"most": COSTLY}),
        statistic=effect,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if effect is None else Verdict.WARN if effect > COSTLY else Verdict.PASS,
        detail=Message("unequal weights alone: {kish:.2f}", {"kish": kish}),
        outcome=asked.outcome.stated.column,
    )


def nonresponse_bound(asked: Asked, frame: Frame, waves: Waves) -> Diagnostic:
    """Width of the bounds of the change if the silent had answered anything in the range of the answers (Manski)."""
    lowest, highest = float(waves.values.min()), float(waves.values.max())
    bounds = []
    for wave, part in ((0.0, waves.before), (1.0, waves.after)):
        own = frame.wave == wave
        silent = float(np.sum(frame.weights[own & ~frame.answered]) / np.sum(frame.weights[own]))
        mean = weighted_mean(waves.values[part.rows], part)[0]
        bounds.append(((1.0 - silent) * mean + silent * lowest, (1.0 - silent) * mean + silent * highest))
    low, high = bounds[1][0] - bounds[0][1], bounds[1][1] - bounds[0][0]
    complete = bool(frame.answered.all())
    return Diagnostic(
        name="nonresponse_bound",
        question=Message("Could the answers of the silent turn the result around?"),
        null=Message("Whatever the silent would have said within the range of the answers, the change keeps its sign."),
        statistic=high - low,
        p_value=None,
        verdict=Verdict.PASS if complete or low > 0.0 or high < 0.0 else Verdict.WARN,
        detail=Message("the change lies from {low:.4g} to {high:.4g}", {"low": low, "high": high}),
        outcome=asked.outcome.stated.column,
    )


def calibrated_weights(asked: Asked, waves: Waves) -> Diagnostic:
    """Smallest calibrated weight relative to their mean; GREG may make weights negative."""
    relative = [part.calibrated.weights / np.mean(part.calibrated.weights) for part in (waves.before, waves.after)]
    smallest, largest = min(float(own.min()) for own in relative), max(float(own.max()) for own in relative)
    negative = int(sum(np.sum(own < 0.0) for own in relative))
    return Diagnostic(
        name="calibrated_weights",
        question=Message("Do the calibrated weights stay weights?"),
        null=Message("No weight is negative."),
        statistic=smallest,
        p_value=None,
        verdict=Verdict.WARN if negative else Verdict.PASS,
        detail=Message(
            "{negative} negative; from {smallest:.2f} to {largest:.2f} of their mean",
            {"negative": negative, "smallest": smallest, "largest": largest},
        ),
        outcome=asked.outcome.stated.column,
    )


def _rates(frame: Frame) -> tuple[float, float]:
    before, after = (float(np.mean(frame.answered[frame.wave == wave])) for wave in (0.0, 1.0))
    return before, after


def _groups(asked: Asked) -> Iterator[tuple[str, Levels]]:
    yield from asked.roles.subgroups
    yield from asked.roles.margins.items()
    if asked.roles.strata is not None:
        yield str(asked.plan.data.strata), asked.roles.strata


def _gap(name: str, levels: Levels, frame: Frame) -> tuple[float, Message] | None:
    codes = levels.codes[frame.rows]
    known = codes >= 0
    drawn = np.bincount(codes[known], minlength=len(levels.levels))
    heard = np.bincount(codes[known], weights=frame.answered[known], minlength=len(levels.levels))
    if np.sum(drawn > 0) < 2 or len(levels.levels) > MOST_GROUPS:
        return None
    rates: Numbers = np.where(drawn > 0, heard / np.maximum(drawn, 1), np.nan)
    least = int(np.nanargmin(rates))
    detail = Message(
        "{rate:.1%} where {column} = {level}, the fewest",
        {"column": name, "level": levels.levels[least], "rate": float(rates[least])},
    )
    return float(np.nanmax(rates) - rates[least]), detail
