"""Everything that is said across studies, side by side in one record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from effects.message import Message, worded
from effects.rows.columns import as_texts, factorise
from effects.synthesis.answers import Answered, PooledAnswered, Unanswered
from effects.synthesis.heterogeneity import Heterogeneity, heterogeneity
from effects.synthesis.marginal import mean_only
from effects.synthesis.meta_regression import Regressed, meta_regression
from effects.synthesis.random_effects import Prediction, fixed_effects, random_effects
from effects.synthesis.sensitivity import (
    PriorSensitivity,
    SilentPilots,
    Subset,
    cumulative,
    leave_one_out,
    pooling,
    prior_sensitivity,
    silent_pilots,
)
from effects.synthesis.studies import Studies
from effects.synthesis.three_level import ThreeLevel, three_level
from effects.version import EFFECTS_VERSION

SCHEMA: Final = "virkning-synthesis/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyLine:
    """One study as it entered."""

    study: str
    estimate: float
    standard_error: float
    cluster: str | None
    date: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """Each figure is an answer or the reason why there is none; effects in the unit of the estimates."""

    schema: str = SCHEMA
    kind: Literal["synthesis"] = "synthesis"
    effects_version: str = EFFECTS_VERSION
    level: float
    scale: float | None
    studies: tuple[StudyLine, ...]
    pooling: PooledAnswered
    fixed_effects: Answered
    reml_z: Answered
    reml_hartung_knapp: Answered
    prediction_intervals: tuple[Prediction | Unanswered, ...]
    heterogeneity: Heterogeneity | Unanswered
    three_level: ThreeLevel | Unanswered
    regressions: tuple[Regressed, ...]
    leave_one_out: tuple[Subset, ...] | Unanswered
    cumulative: tuple[Subset, ...] | Unanswered
    prior_sensitivity: PriorSensitivity | Unanswered
    silent_pilots: SilentPilots | Unanswered

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready, every sentence in English and beside it what it is made of, for another language."""
        return worded(self)


def synthesise(
    studies: Studies, *, scale: float | None = None, level: float = 0.95, silent: int | None = None
) -> Synthesis:
    """All estimators beside each other.

    `scale` is the scale of the pooling model's prior, in the unit of the estimates (the rules take 0.3 of the minimal
    important difference); without it that model says what it needs. `silent` counts completed studies that are
    unreported. Each moderator has its own regression, and several also one together.
    """
    if not 0.0 < level < 1.0 or (scale is not None and not (np.isfinite(scale) and scale > 0.0)):
        raise ValueError("the scale must be positive and the level between 0 and 1")
    if silent is not None and silent < 0:
        raise ValueError("there are no fewer than 0 silent studies")
    model = mean_only(studies.y, studies.v)
    means = random_effects(model, level)
    return Synthesis(
        level=level,
        scale=scale,
        studies=_lines(studies),
        pooling=pooling(studies, scale, level),
        fixed_effects=fixed_effects(model, level),
        reml_z=means.reml_z,
        reml_hartung_knapp=means.reml_hartung_knapp,
        prediction_intervals=means.predictions,
        heterogeneity=heterogeneity(model, level),
        three_level=_three_level(studies, level),
        regressions=_regressions(studies, level),
        leave_one_out=leave_one_out(studies, scale, level),
        cumulative=cumulative(studies, scale, level),
        prior_sensitivity=prior_sensitivity(studies, scale, level),
        silent_pilots=silent_pilots(studies, silent, level),
    )


def _lines(studies: Studies) -> tuple[StudyLine, ...]:
    nobody: Sequence[None] = [None] * len(studies)
    return tuple(
        StudyLine(study=name, estimate=estimate, standard_error=variance**0.5, cluster=cluster, date=date)
        for name, estimate, variance, cluster, date in zip(
            studies.names,
            studies.estimates,
            studies.variances,
            studies.clusters or nobody,
            studies.dates or nobody,
            strict=True,
        )
    )


def _three_level(studies: Studies, level: float) -> ThreeLevel | Unanswered:
    if studies.clusters is None:
        return Unanswered(
            detail=Message("No clusters are stated: studies count as independent."),
            needs=Message("a column cluster that says which studies are of one place"),
        )
    codes, _ = factorise(as_texts(studies.clusters))
    return three_level(studies.y, studies.v, codes, level)


def _regressions(studies: Studies, level: float) -> tuple[Regressed, ...]:
    sets = [{name: values} for name, values in studies.moderators.items()]
    together = [dict(studies.moderators)] if len(sets) > 1 else []
    return tuple(meta_regression(studies.y, studies.v, one, level) for one in [*sets, *together])
