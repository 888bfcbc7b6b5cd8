"""What pooling rests on: every estimator beside the one that counts, and the advice at other scales of the prior."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from effects.case import Case
from effects.codes import Kind
from effects.rules.claims import primary_claims
from effects.rules.indicator import Indicator
from effects.rules.pooled import SEVERAL, pooled
from effects.rules.ruleset import Ruleset
from effects.rules.tristate import Tristate
from effects.rules.turning_points import Judge
from effects.synthesis.answers import Answered, PooledAnswered, Unanswered
from effects.synthesis.heterogeneity import Heterogeneity, heterogeneity
from effects.synthesis.marginal import mean_only
from effects.synthesis.random_effects import Prediction, fixed_effects, random_effects
from effects.synthesis.sensitivity import PriorSensitivity, prior_sensitivity
from effects.synthesis.sensitivity import pooling as pooling_model
from effects.synthesis.studies import Studies

FACTORS: Final = (0.5, 1.0, 2.0)
JudgeOf: TypeAlias = Callable[[Ruleset], Judge]


@dataclass(frozen=True, slots=True)
class Estimators:
    """One indicator by every estimator, in its unit and as measured; the first is the one the rules read."""

    indicator: str
    pilots: int
    pooling: PooledAnswered
    fixed_effects: Answered
    reml_z: Answered
    reml_hartung_knapp: Answered
    prediction_intervals: tuple[Prediction | Unanswered, ...]
    heterogeneity: Heterogeneity | Unanswered
    prior_sensitivity: PriorSensitivity | Unanswered


@dataclass(frozen=True, slots=True)
class AtScale:
    """What is said with the prior's scale times `factor`: whether each primary claim is carried, and the advice."""

    factor: float
    kind: Kind
    rule: str
    claims: dict[str, Tristate]
    verdicts: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Pooling:
    """Indicators with several studies; `differ`: the prior's scale changes a claim, a verdict or the advice."""

    indicators: tuple[Estimators, ...]
    scales: tuple[AtScale, ...]
    differ: bool


def pooling(case: Case, ruleset: Ruleset, judge_of: JudgeOf) -> Pooling | None:
    """Every estimator and the sensitivity to the prior; None where no indicator has several studies."""
    several = [indicator for indicator in case.indicators if len(indicator.studies) >= SEVERAL]
    if not several:
        return None
    scales = tuple(_at_scale(case, ruleset, factor, judge_of) for factor in FACTORS)
    differ = len({(one.kind, one.rule, *one.claims.items(), *one.verdicts.items()) for one in scales}) > 1
    return Pooling(tuple(_estimators(indicator, ruleset) for indicator in several), scales, differ)


def _at_scale(case: Case, ruleset: Ruleset, factor: float, judge_of: JudgeOf) -> AtScale:
    stated = ruleset.constants["prior_scale"]
    scaled = replace(stated, value=factor * stated.value)
    rules = replace(ruleset, constants={**ruleset.constants, "prior_scale": scaled})
    pooled_so = pooled(case, rules)
    kind, rule, graded = judge_of(rules)(pooled_so)
    claims = {test.indicator: test.carried for test in primary_claims(pooled_so, rules)[0]}
    verdicts = {item.name: said[0] for item, said in zip(case.indicators, graded, strict=True)}
    return AtScale(factor, Kind(kind), rule, claims, verdicts)


def _estimators(indicator: Indicator, ruleset: Ruleset) -> Estimators:
    level, important = ruleset.constant("level"), indicator.minimal_important
    scale = None if important is None else ruleset.constant("prior_scale") * important
    studies = Studies(
        tuple(study.pilot for study in indicator.studies),
        tuple(study.estimate for study in indicator.studies),
        tuple(study.standard_error**2 for study in indicator.studies),
    )
    model = mean_only(studies.y, studies.v)
    means = random_effects(model, level)
    return Estimators(
        indicator=indicator.name,
        pilots=len(studies),
        pooling=pooling_model(studies, scale, level),
        fixed_effects=fixed_effects(model, level),
        reml_z=means.reml_z,
        reml_hartung_knapp=means.reml_hartung_knapp,
        prediction_intervals=means.predictions,
        heterogeneity=heterogeneity(model, level),
        prior_sensitivity=prior_sensitivity(studies, scale, level),
    )
