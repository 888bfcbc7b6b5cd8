"""The two waves of a survey as one sampling and two parts, from the columns of a plan."""

from dataclasses import dataclass

import numpy as np

from effects.codes import Calibration, DropReason, Reason
from effects.design_answers import Asked
from effects.estimators.survey.calibration import Calibrated, calibrate, margins_of
from effects.estimators.survey.means import Part
from effects.estimators.survey.sampling import Sampling
from effects.linear_model import Obstacle
from effects.message import Message
from effects.planning.survey_checks import is_numeric_total
from effects.rows.columns import Codes, Flags, Numbers
from effects.rows.samples import KEPT, REASONS, Sample, draw, why_dropped

_SILENT = REASONS.index(DropReason.MISSING_OUTCOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All rows (m,) that were drawn, `answered` or not, in either wave; weights are design weights.

    Clusters and strata are codes; waves that share no cluster of a stratum are strata of their own.
    """

    rows: Codes
    answered: Flags
    wave: Numbers
    weights: Numbers
    clusters: Codes
    strata: Codes
    population: Numbers | None


@dataclass(frozen=True, slots=True)
class Waves:
    """Those who answered, as one sampling over both waves, with their values (n,) and the part of each wave."""

    values: Numbers
    sampling: Sampling
    before: Part
    after: Part


def frame_of(asked: Asked) -> Frame:
    """Everybody who was drawn and whose wave, weight and cluster are known."""
    roles = asked.roles
    reasons = why_dropped(roles, asked.outcome)
    whole: Sample = draw(roles, asked.outcome, (reasons == KEPT) | (reasons == _SILENT))
    rows = whole.rows
    strata: Codes = np.zeros(len(rows), dtype=np.int64) if whole.strata is None else whole.strata
    clusters = paired(strata, np.arange(len(rows)) if whole.cluster is None else whole.cluster)
    apart = 2 * strata + whole.treated.astype(np.int64)
    shared = np.zeros(int(strata.max(initial=0)) + 1, dtype=np.bool_)
    seen = [set(np.unique(clusters[whole.treated == wave]).tolist()) for wave in (0.0, 1.0)]
    both = np.isin(clusters, sorted(seen[0] & seen[1]))
    shared[strata[both]] = True
    strata = _codes(np.where(shared[strata], 2 * strata, apart))
    clusters = paired(strata, clusters)
    population = None if roles.fpc is None else roles.fpc[rows]
    weights = whole.weights
    if roles.weight is None and population is not None:
        weights = population / _drawn(clusters, strata, whole.treated)[strata]
    elif roles.weight is not None and not shared_scale(asked):
        weights = roles.weight[rows]
    return Frame(
        rows=rows,
        answered=reasons[rows] == KEPT,
        wave=whole.treated,
        weights=weights,
        clusters=clusters,
        strata=strata,
        population=population,
    )


def shared_scale(asked: Asked) -> bool:
    """Whether the answer does not depend on the scale of the weights: not so for numeric totals alone."""
    margins = asked.plan.survey.margins.values()
    return not margins or not all(is_numeric_total(totals) for totals in margins)


def waves_of(asked: Asked, frame: Frame) -> Waves | Obstacle:
    """Calibrated parts over those who answered; the means are about the rows of `asked.sample`."""
    kept = frame.answered
    if frame.population is not None:
        drawn = _drawn(frame.clusters, frame.strata, frame.wave)
        if bool(np.any(drawn[frame.strata] > frame.population)):
            return Obstacle(
                Reason.SAMPLING,
                Message(
                    "a stratum holds {clusters} clusters, more than its population", {"clusters": int(drawn.max())}
                ),
                Message("in survey.fpc the number of clusters in the population, not a share"),
            )
    about = np.isin(frame.rows, asked.sample.rows)[kept]
    parts = []
    for wave in (0.0, 1.0):
        rows = frame.wave[kept] == wave
        if not about[rows].any():
            return Obstacle(
                Reason.EMPTY_ARM,
                Message("nobody answered in wave {wave}", {"wave": int(wave)}),
                Message("answers before and after"),
            )
        tied = _calibrated(asked, frame.rows[kept][rows], frame.weights[kept][rows])
        if isinstance(tied, Obstacle):
            return tied
        parts.append(Part(rows, tied, about[rows]))
    values = asked.outcome.values[frame.rows[kept]]
    return Waves(values, _sampling(frame), parts[0], parts[1])


def _calibrated(asked: Asked, rows: Codes, weights: Numbers) -> Calibrated | Obstacle:
    survey = asked.plan.survey
    margins, totals = margins_of(survey.margins, asked.roles.margins, rows)
    return calibrate(survey.calibration or Calibration.NONE, weights, margins, totals)


def _sampling(frame: Frame) -> Sampling:
    """The clusters that answered, and what the silent ones mean for the correction for a finite population."""
    kept = frame.answered
    cells = paired(frame.clusters, frame.wave.astype(np.int64))
    asked, heard = np.bincount(cells), np.bincount(cells, weights=kept)
    strata = _codes(frame.strata[kept])
    home = np.zeros(int(strata.max()) + 1, dtype=np.int64)
    home[strata] = frame.strata[kept]
    silent = np.bincount(frame.strata, weights=(heard == 0.0)[cells]) > 0.0
    population = drawn = None
    if frame.population is not None:
        population = np.zeros(len(silent))
        population[frame.strata] = frame.population
        population, drawn = population[home], _drawn(frame.clusters, frame.strata, frame.wave)[home]
    return Sampling(
        weights=frame.weights[kept],
        clusters=_codes(frame.clusters[kept]),
        strata=strata,
        population=population,
        drawn=drawn,
        silent=silent[home],
        incomplete=(heard < asked)[cells][kept],
    )


def _drawn(clusters: Codes, strata: Codes, wave: Numbers) -> Numbers:
    """Clusters drawn by stratum (H,): in the smaller wave where both are there."""
    counts = np.full((2, int(strata.max(initial=0)) + 1), np.inf)
    for place in (0, 1):
        _, firsts = np.unique(clusters[wave == place], return_index=True)
        found, sizes = np.unique(strata[wave == place][firsts], return_counts=True)
        counts[place, found] = sizes
    smallest: Numbers = counts.min(axis=0)
    return smallest


def paired(first: Codes, second: Codes) -> Codes:
    """One code from 0 without gaps for each pair (n,) that occurs."""
    return _codes(first * (second.max(initial=0) + 1) + second)


def _codes(values: Codes) -> Codes:
    """Codes from 0 without gaps."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)
