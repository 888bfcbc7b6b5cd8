"""The only orchestrator: plan and data in, result out; one outcome cannot sink another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from effects.codes import AnalysisRole, Reason, Role
from effects.compression.answering import answer_from
from effects.compression.answers import rows_were_read, run_checks
from effects.compression.compress import compress
from effects.compression.routing import compressed, given_moments
from effects.compression.staging import staged_source
from effects.diagnostics import run_diagnostics
from effects.estimand_checks import estimand_checks
from effects.federation.remarks import remarks
from effects.inference.multiplicity import adjust
from effects.joint_adjustment import NEEDS_ROWS, Family, joint_families, refused_families
from effects.message import Message
from effects.moments import Moments
from effects.outcome_analysis import OutcomeAnswer, answer
from effects.plan import AnalysisPlan
from effects.planning.rules import HEADLINES
from effects.planning.settings import Settings, settle
from effects.results import AnalysisResult, DataIdentity, Diagnostic, EffectEstimate, Entry, NotEstimable, PlanIdentity
from effects.rows.columns import Codes
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, tally
from effects.sources import Source, Tabular, open_source
from effects.version import EFFECTS_VERSION


@dataclass(frozen=True, slots=True)
class _Found:
    """What rows or moments gave: entries and checks of every outcome, and checks of the whole run."""

    identity: DataIdentity
    entries: tuple[Entry, ...]
    outcome_checks: tuple[Diagnostic, ...]
    run_checks: tuple[Diagnostic, ...]
    families: Mapping[Role, Family]


def analyse(
    data: "Tabular | Moments", plan: AnalysisPlan, *, seed: int | None = None, schema: Path | None = None
) -> AnalysisResult:
    """Carry out the plan on a data frame, on CSV or Parquet paths, on an opened source, or on moments.

    Many rows in Parquet are answered from their cross-products where these are exact, without holding the rows; a check
    named `compression` says so, or why the rows were read. A seed given here wins over the plan's. Raises DataError
    with every finding where the data cannot carry the plan; an effect that cannot be estimated is an entry.
    """
    settings, defaults = settle(plan, seed)
    with threadpool_limits(limits=1), np.errstate(all="ignore"):
        found = _found(data, plan, settings, schema)
    return AnalysisResult(
        plan=PlanIdentity(plan.fingerprint, plan.title),
        data=found.identity,
        effects_version=EFFECTS_VERSION,
        seed=settings.seed,
        defaults=defaults,
        estimates=tuple(_adjusted(plan, settings, found)),
        diagnostics=(
            *estimand_checks(plan),
            *found.run_checks,
            *(family.check for family in found.families.values()),
            *found.outcome_checks,
        ),
    )


def _found(data: "Tabular | Moments", plan: AnalysisPlan, settings: Settings, schema: Path | None) -> _Found:
    given = given_moments(data, plan)
    if given is not None:
        return _from_moments(given, plan, settings)
    assert not isinstance(data, Moments)
    small = compressed(data, schema, plan, settings)
    if isinstance(small, Moments):
        found = _from_moments(small, plan, settings)
        if all(isinstance(entry, EffectEstimate) for entry in found.entries if entry.analysis is AnalysisRole.PRIMARY):
            return found
        small = Message("cross-products lose digits here, or give no answer")
    source = open_source(data, schema)
    rows = _from_rows(source, plan, settings)
    if not all(_too_large(entry) for entry in rows.entries if entry.analysis is AnalysisRole.PRIMARY):
        return rows if small is None else replace(rows, run_checks=(*rows.run_checks, rows_were_read(small)))
    return _from_sums(source, plan, settings, rows)


def _too_large(entry: Entry) -> bool:
    return isinstance(entry, NotEstimable) and entry.reason is Reason.NOT_IMPLEMENTED


def _from_sums(source: Source, plan: AnalysisPlan, settings: Settings, rows: _Found) -> _Found:
    """The answer from moments of rows that are too many for their estimator; without one, the rows' own refusals."""
    with staged_source(source) as file:
        moments = compress([file], plan, settings)
    if not isinstance(moments, Moments):
        return rows
    found = _from_moments(moments, plan, settings)
    answered = any(isinstance(entry, EffectEstimate) for entry in found.entries)
    return replace(found, identity=rows.identity) if answered else rows


def _from_rows(source: Source, plan: AnalysisPlan, settings: Settings) -> _Found:
    roles = read_roles(source, plan)
    answers = [answer(outcome, roles, plan, settings) for outcome in roles.outcomes]
    return _Found(
        _identity(source, answers),
        tuple(entry for found in answers for entry in found.entries),
        tuple(check for found in answers for check in found.diagnostics),
        run_diagnostics(roles, plan),
        joint_families(roles, plan, settings),
    )


def _from_moments(moments: Moments, plan: AnalysisPlan, settings: Settings) -> _Found:
    answers = [answer_from(outcome, moments.rows, plan, settings) for outcome in moments.outcomes]
    return _Found(
        DataIdentity(moments.sha256, None, moments.rows, moments.rows_used, moments.dropped),
        tuple(entry for entries, _ in answers for entry in entries),
        tuple(check for _, checks in answers for check in checks),
        (*run_checks(moments, plan), *remarks(moments)),
        refused_families(plan, settings, NEEDS_ROWS),
    )


def _identity(source: Source, answers: Sequence[OutcomeAnswer]) -> DataIdentity:
    reasons: Codes = answers[0].reasons.copy()
    for found in answers[1:]:
        reasons[found.reasons == KEPT] = KEPT
    return DataIdentity(source.sha256, source.content, source.rows, int(np.sum(reasons == KEPT)), tally(reasons))


def _adjusted(plan: AnalysisPlan, settings: Settings, found: _Found) -> list[Entry]:
    """Entries with p-values adjusted within primary and within secondary outcomes; guardrails are left alone.

    A family that was to be resampled together and could not be is adjusted by Holm, and its check says why.
    """
    entries = list(found.entries)
    roles = {outcome.column: outcome.role for outcome in plan.analysed}
    for role, method in ((Role.PRIMARY, settings.adjust_primary), (Role.SECONDARY, settings.adjust_secondary)):
        places = [
            place
            for place, entry in enumerate(entries)
            if entry.analysis is AnalysisRole.PRIMARY
            and entry.aggregation in HEADLINES
            and roles[entry.outcome] is role
        ]
        family = found.families.get(role)
        if family is not None and family.p_values is not None:
            _keep(entries, places, [family.p_values.get(entries[place].outcome, 1.0) for place in places])
        else:
            _keep(entries, places, adjust([_p_value(entries[place]) for place in places], method))
    return entries


def _keep(entries: list[Entry], places: Sequence[int], adjusted: Sequence[float]) -> None:
    """A planned effect that could not be estimated keeps its place in the family, as unproven (p = 1)."""
    for place, value in zip(places, adjusted, strict=True):
        entry = entries[place]
        if isinstance(entry, EffectEstimate):
            entries[place] = replace(entry, p_adjusted=value)


def _p_value(entry: Entry) -> float:
    return entry.p_value if isinstance(entry, EffectEstimate) else 1.0
