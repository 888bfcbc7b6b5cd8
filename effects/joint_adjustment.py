"""Multiplicity by resampling all outcomes of a family together, for plans whose effects are linear coefficients."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from effects.codes import Adjustment, BootstrapWeights, Design, Estimand, MissingMethod, Role, Verdict
from effects.effect_entries import degenerate
from effects.estimators import LINEAR, is_linear
from effects.inference.assignment import Assignment, possible
from effects.inference.least_squares import Fit, fit
from effects.inference.permutation import sums_of_rows
from effects.inference.resampling import MOST_CELLS
from effects.inference.romano_wolf import Bootstrapped, romano_wolf
from effects.inference.westfall_young import Joint, Redrawable, westfall_young
from effects.inference.wild_bootstrap import scores_from_fit
from effects.linear_model import Obstacle
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.settings import DEFAULT_DRAWS, DEFAULT_SEED, Settings
from effects.reassignment import Redrawn, reassignment
from effects.results import Diagnostic
from effects.rows.columns import Codes
from effects.rows.roles import OutcomeColumns, Roles
from effects.rows.samples import KEPT, Sample, draw, why_dropped

RESAMPLED: Final = frozenset({Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF})
NEEDS_ROWS: Final = Message("Moments hold no rows that could be resampled together; Holm instead.")
_NOT_LINEAR: Final = Message("Only complete rows of a linear model are resampled together; Holm instead.")
_NOTHING: Final = Message("No outcome of the family could be resampled; Holm instead.")
_NO_CLUSTERS: Final = Message("The plan states no clusters; Holm instead.")
_DIFFERENT: Final = Message("The outcomes do not share one assignment; Holm instead.")
_NO_OTHER: Final = Message("No other assignment was possible; Holm instead.")
_TOO_MANY: Final = Message("Too many units for the draws; Holm instead.")


@dataclass(frozen=True, slots=True)
class Family:
    """One family: adjusted p-values by outcome, None with the reason where they could not be computed."""

    method: Adjustment
    p_values: Mapping[str, float] | None
    check: Diagnostic


@dataclass(frozen=True, slots=True)
class _Member:
    """An outcome of the family that can be resampled."""

    column: str
    sample: Sample
    fitted: Fit


def joint_families(roles: Roles, plan: PlanSections, settings: Settings) -> Mapping[Role, Family]:
    """The families whose correction resamples, from the rows; the others are not there."""
    return _families(plan, settings, lambda role, method: _computed(role, method, roles, plan, settings))


def refused_families(plan: PlanSections, settings: Settings, reason: Message) -> Mapping[Role, Family]:
    """The same families where there are no rows."""
    return _families(plan, settings, lambda _role, method: _refused(method, reason))


def _families(
    plan: PlanSections, settings: Settings, family: Callable[[Role, Adjustment], Family]
) -> Mapping[Role, Family]:
    asked = {Role.PRIMARY: settings.adjust_primary, Role.SECONDARY: settings.adjust_secondary}
    present = {outcome.role for outcome in plan.analysed}
    chosen = {role: method for role, method in asked.items() if method in RESAMPLED and role in present}
    return MappingProxyType({role: family(role, method) for role, method in chosen.items()})


def _computed(role: Role, method: Adjustment, roles: Roles, plan: PlanSections, settings: Settings) -> Family:
    complete = settings.missing is MissingMethod.COMPLETE_CASES
    if not is_linear(settings) or not complete or plan.estimand is Estimand.CACE:
        return _refused(method, _NOT_LINEAR)
    stated = [outcome for outcome in roles.outcomes if outcome.stated.role is role]
    members = [member for outcome in stated if (member := _member(outcome, roles, settings)) is not None]
    if not members:
        return _refused(method, _NOTHING)
    resample = _permuted if method is Adjustment.WESTFALL_YOUNG else _bootstrapped
    found = resample(members, roles, settings)
    if isinstance(found, Message):
        return _refused(method, found)
    p_values = {member.column: float(p) for member, p in zip(members, found.p_values.tolist(), strict=True)}
    detail = Message(
        "{outcomes} outcomes over {draws} common draws; the smallest p-value possible is {least:.2g}",
        {"outcomes": len(members), "draws": found.draws, "least": found.smallest},
    )
    known = {column: 1.0 if np.isnan(p) else p for column, p in p_values.items()}
    return Family(method, known, _check(method, Verdict.PASS, detail))


def _member(outcome: OutcomeColumns, roles: Roles, settings: Settings) -> _Member | None:
    sample = draw(roles, outcome, why_dropped(roles, outcome) == KEPT)
    if degenerate(sample) is not None:
        return None
    model = LINEAR[settings.design](sample, settings)
    fitted = model if isinstance(model, Obstacle) else fit(model)
    return None if isinstance(fitted, Obstacle) else _Member(outcome.stated.column, sample, fitted)


def _permuted(members: Sequence[_Member], roles: Roles, settings: Settings) -> Joint | Message:
    redrawn = []
    for member in members:
        again = reassignment(member.sample, settings.design)
        if isinstance(again, Message):
            return again
        redrawn.append(again)
    pairs = list(zip(members, redrawn, strict=True))
    units = [_units(member.sample, again, roles, settings.design) for member, again in pairs]
    common = _common([again.assignment for again in redrawn], units)
    if common is None:
        return _DIFFERENT
    assignment, names = common
    draws = settings.permutation_draws or DEFAULT_DRAWS
    if possible(assignment, draws) < 2:
        return _NO_OTHER
    if len(names) * draws * len(members) > MOST_CELLS:
        return _TOO_MANY
    outcomes = [
        _redrawable(member, again, np.searchsorted(names, own), settings)
        for (member, again), own in zip(pairs, units, strict=True)
    ]
    return westfall_young(outcomes, assignment, draws, _seed(settings))


def _redrawable(member: _Member, again: Redrawn, units: Codes, settings: Settings) -> Redrawable:
    """Lin's interactions are left out, as in the permutation test of one outcome."""
    model, sample = member.fitted.model, member.sample
    nuisance = np.delete(model.design, model.effect, axis=1)
    if settings.design is Design.INDIVIDUAL_RANDOMISED and sample.covariate_names:
        nuisance = np.column_stack([np.ones(sample.size), sample.covariates])
    sums = sums_of_rows(again.unit, again.period, nuisance, model.outcome, model.weights)
    return Redrawable(sums, again.assignment, units)


def _units(sample: Sample, again: Redrawn, roles: Roles, design: Design) -> Codes:
    """Which unit of all rows each assigned unit (U,) of the sample is."""
    levels = roles.unit if design is Design.INDIVIDUAL_RANDOMISED else roles.cluster
    names = sample.rows if levels is None else levels.codes[sample.rows]
    found = np.empty(len(again.assignment.observed), dtype=np.int64)
    found[again.unit] = names
    return found


def _common(assignments: Sequence[Assignment], units: Sequence[Codes]) -> tuple[Assignment, Codes] | None:
    """The assignment of every unit that any outcome has, with their names; None where two of them disagree.

    Strata are compared as the sets of units they hold.
    """
    names = np.unique(np.concatenate(units))
    observed, strata = np.full(len(names), -1), np.full(len(names), -1)
    for one, own in zip(assignments, units, strict=True):
        place = np.searchsorted(names, own)
        first = np.full(int(one.strata.max()) + 1, -1)
        np.maximum.at(first, one.strata, strata[place])
        fresh = int(strata.max()) + 1 + np.cumsum(first < 0) - 1
        labels = np.where(first < 0, fresh, first)[one.strata]
        clash = (observed[place] >= 0) & ((observed[place] != one.observed) | (strata[place] != labels))
        if clash.any() or not np.array_equal(one.paths, assignments[0].paths):
            return None
        observed[place], strata[place] = one.observed, labels
    return Assignment(observed, assignments[0].paths, strata), names


def _bootstrapped(members: Sequence[_Member], roles: Roles, settings: Settings) -> Joint | Message:
    if roles.cluster is None or any(member.fitted.model.clusters is None for member in members):
        return _NO_CLUSTERS
    owned = [_clusters(member.sample, roles) for member in members]
    names = np.unique(np.concatenate(owned))
    asked = settings.bootstrap
    draws = DEFAULT_DRAWS if asked is None else asked.draws
    if len(names) * draws * len(members) > MOST_CELLS:
        return _TOO_MANY
    outcomes = []
    for member, own in zip(members, owned, strict=True):
        clusters = member.fitted.model.clusters
        assert clusters is not None
        outcomes.append(Bootstrapped(scores_from_fit(member.fitted, clusters), np.searchsorted(names, own)))
    weights = BootstrapWeights.RADEMACHER if asked is None else asked.weights
    return romano_wolf(outcomes, len(names), weights, draws, _seed(settings))


def _clusters(sample: Sample, roles: Roles) -> Codes:
    """Which cluster of all rows each cluster (G,) of the sample is, in its order."""
    assert roles.cluster is not None and sample.cluster is not None
    found = np.empty(sample.clusters or 0, dtype=np.int64)
    found[sample.cluster] = roles.cluster.codes[sample.rows]
    return found


def _seed(settings: Settings) -> int:
    return DEFAULT_SEED if settings.seed is None else settings.seed


def _refused(method: Adjustment, reason: Message) -> Family:
    return Family(method, None, _check(method, Verdict.INAPPLICABLE, reason))


def _check(method: Adjustment, verdict: Verdict, detail: Message) -> Diagnostic:
    return Diagnostic(
        name=method.value,
        question=Message("Were the outcomes resampled together?"),
        null=Message("The p-values are adjusted by what all outcomes do in the same draws."),
        statistic=None,
        p_value=None,
        verdict=verdict,
        detail=detail,
    )
