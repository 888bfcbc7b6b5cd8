"""What the worker's processes work out when the pilots of a technology are looked at together."""

import tomllib
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Final

import tomli_w

from effects.case import Case, case_from_mapping, to_mapping
from effects.codes import Better
from effects.economics.facts import Effect
from effects.grading import grade
from effects.message import spoken
from effects.rules.indicator import Indicator, Study
from effects.rules.ruleset import load_ruleset
from effects.synthesis.pooling import pool
from effects.synthesis.studies import Studies
from effects.synthesis.synthesise import synthesise
from registry.evidence.charts import forest
from registry.evidence.grounds import Ground
from registry.evidence.pooling import Pooled, Told, counted, pooled_case, studies_of
from registry.evidence.rules import ENOUGH_TOGETHER
from registry.evidence.schemas import Look
from registry.kit.language import LANGUAGES

LEVEL: Final = 0.95
FIGURES: Final = (
    "pilots",
    "mean",
    "standard_error",
    "low",
    "high",
    "p_value",
    "tau",
    "predictive_low",
    "predictive_high",
    "predictive_sd",
)


def together(ground: Ground) -> Pooled:
    """The pooled case of what is known of a technology. Raises CaseError for an assessment that cannot be read."""
    told = [
        Told(
            pilot=one.pilot,
            place=one.place,
            dated=one.dated,
            case=case_from_mapping(tomllib.loads(one.case)),
        )
        for one in ground.heard
    ]
    return pooled_case(told, ground.reach, ground.information)


def alone(case: Case, ground: Ground) -> Pooled:
    """The case of a technology's only pilot, as it was assessed, with its reach counted where it was not stated."""
    (one,) = ground.heard
    told = Told(pilot=one.pilot, place=one.place, dated=one.dated, case=case)
    return Pooled(counted(told, ground.reach), studies_of([told]), (), {})


def look_of(ground: Ground) -> Look:
    """The look that the ground leads to: every indicator pooled, the estimators beside each other, and the grade."""
    return look_at(together(ground), ground)


def look_at(found: Pooled, ground: Ground) -> Look:
    """The look at a case that is pooled already; with a single pilot there is nothing to draw."""
    indicators = [_indicator(item, found.studies[item.name], ground) for item in found.case.indicators]
    titles = {str(one.pilot): one.title for one in ground.heard}
    drawn = [item for item in indicators if item["pooled"]]
    reach = ground.reach
    result: dict[str, Any] = {
        "heard": len(ground.heard),
        "pilots": [{"pilot": one.pilot, "assessment": one.assessment} for one in ground.heard],
        "registered": reach.registered,
        "planned": reach.planned,
        "completed": reach.completed,
        "silent": reach.silent,
        "share_silent": reach.share_silent,
        "information": list(ground.information),
        "indicators": indicators,
        "apart": [spoken(one) for one in found.apart],
        "differing": {name: list(inputs) for name, inputs in found.differing.items()},
        "grade": grade(found.case).to_mapping(),
        "charts": {
            language: {"all": forest(drawn, titles, language), "pooled": forest(drawn, {}, language)}
            for language in (LANGUAGES.values() if len(titles) > 1 else ())
        },
    }
    return Look(written(found.case), str(result["grade"]["rules_version"]), result)


def written(case: Case) -> str:
    """The case as a file."""
    return tomli_w.dumps(to_mapping(case))


def _indicator(item: Indicator, studies: Sequence[Study], ground: Ground) -> dict[str, Any]:
    """An indicator with its studies; of a single study the figures are its own, and only a new place is modelled.

    `modelled` is what the pooling model says in any case: a business case is valued with it.
    """
    listed = [_found(study) for study in studies]
    pooled = modelled = pooled_figures(studies, item.minimal_important, item.better)
    if len(listed) == 1:
        if item.low is not None and item.high is not None:
            listed[0] |= {"low": item.low, "high": item.high}
        own = {name: listed[0][name] for name in ("standard_error", "low", "high")} | {"p_value": item.p_value}
        pooled = None if modelled is None else {**modelled, "mean": listed[0]["estimate"], **own}
    return {
        "name": item.name,
        "code": next((one.codes[item.name] for one in ground.heard if item.name in one.codes), None),
        "unit": next((one.units[item.name] for one in ground.heard if item.name in one.units), ""),
        "role": item.role.value,
        "domain": item.domain.value,
        "better": item.better.value,
        "minimal_important": item.minimal_important,
        "margin": item.margin,
        "studies": listed,
        "pooled": pooled,
        "modelled": modelled,
        "beside": _beside(studies, item.minimal_important, ground.reach.silent),
    }


def _beside(studies: Sequence[Study], minimal_important: float | None, silent: int) -> dict[str, Any] | None:
    """Every estimator beside the pooling model, and how far it hangs on prior, single pilots and silent ones."""
    if len(studies) < ENOUGH_TOGETHER:
        return None
    shared = len({study.cluster for study in studies}) < len(studies)
    stated = Studies(
        names=tuple(study.pilot for study in studies),
        estimates=tuple(study.estimate for study in studies),
        variances=tuple(study.standard_error**2 for study in studies),
        clusters=tuple(study.cluster or study.pilot for study in studies) if shared else None,
        dates=tuple(study.date or "" for study in studies),
    )
    scale = None if minimal_important is None else load_ruleset().constant("prior_scale") * minimal_important
    return synthesise(stated, scale=scale, level=LEVEL, silent=silent).to_mapping()


def effects_of(found: Pooled, ground: Ground) -> dict[str, Effect]:
    """The pooled effects by name and by code of the indicator, for a business case; those not known are left out."""
    effects: dict[str, Effect] = {}
    for item in found.case.indicators:
        figures = pooled_figures(found.studies[item.name], item.minimal_important, item.better)
        if figures is None:
            continue
        effect = Effect(figures["mean"], figures["standard_error"], figures["predictive_sd"])
        codes = (one.codes[item.name] for one in ground.heard if item.name in one.codes)
        effects |= dict.fromkeys((item.name, *codes), effect)
    return effects


def _found(study: Study) -> dict[str, Any]:
    reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * study.standard_error
    return {
        "pilot": int(study.pilot),
        "estimate": study.estimate,
        "standard_error": study.standard_error,
        "low": study.estimate - reach,
        "high": study.estimate + reach,
        "date": study.date,
    }


def pooled_figures(
    studies: Sequence[Study], minimal_important: float | None, better: Better, times: float = 1.0
) -> dict[str, Any] | None:
    """What the pooling model says, with the probability that a new place is better off; None without m or a study.

    `times` is what the scale of the prior on the spread between places is multiplied by.
    """
    if not studies or minimal_important is None:
        return None
    scale = load_ruleset().constant("prior_scale") * minimal_important * times
    found = pool([one.estimate for one in studies], [one.standard_error for one in studies], scale, level=LEVEL)
    above = found.next_above(0.0)
    figures = {name: getattr(found, name) for name in FIGURES}
    return {**figures, "next_better": above if better is Better.HIGHER else 1 - above}
