"""The only orchestrator: plan and data in, result out; one outcome cannot sink another."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from effects.codes import Adjustment, AnalysisRole, Role
from effects.diagnostics import run_diagnostics
from effects.inference.multiplicity import adjust
from effects.outcome_analysis import OutcomeAnswer, answer
from effects.plan import AnalysisPlan
from effects.planning.settings import Settings, settle
from effects.results import AnalysisResult, DataIdentity, EffectEstimate, Entry, PlanIdentity
from effects.rows.columns import Codes
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, tally
from effects.sources import Source, Tabular, open_source
from effects.version import EFFECTS_VERSION


def analyse(
    data: Tabular, plan: AnalysisPlan, *, seed: int | None = None, schema: Path | None = None
) -> AnalysisResult:
    """Carry out the plan on a data frame, on CSV or Parquet paths, or on an opened source.

    A seed given here wins over the plan's. Raises DataError with every finding where the data cannot carry the plan; an
    effect that cannot be estimated is an entry of the result.
    """
    source = open_source(data, schema)
    settings, defaults = settle(plan, seed)
    roles = read_roles(source, plan)
    with threadpool_limits(limits=1), np.errstate(all="ignore"):
        answers = [answer(outcome, roles, plan, settings) for outcome in roles.outcomes]
        checks = run_diagnostics(roles, plan, settings)
    return AnalysisResult(
        plan=PlanIdentity(plan.fingerprint, plan.title),
        data=_identity(source, answers),
        effects_version=EFFECTS_VERSION,
        seed=settings.seed,
        defaults=defaults,
        estimates=tuple(_adjusted(plan, settings, answers)),
        diagnostics=(*checks, *(check for found in answers for check in found.diagnostics)),
    )


def _identity(source: Source, answers: Sequence[OutcomeAnswer]) -> DataIdentity:
    reasons: Codes = answers[0].reasons.copy()
    for found in answers[1:]:
        reasons[found.reasons == KEPT] = KEPT
    return DataIdentity(source.sha256, source.content, source.rows, int(np.sum(reasons == KEPT)), tally(reasons))


def _adjusted(plan: AnalysisPlan, settings: Settings, answers: Sequence[OutcomeAnswer]) -> list[Entry]:
    """Entries with p-values adjusted within primary and within secondary outcomes; guardrails are left alone."""
    entries = [entry for found in answers for entry in found.entries]
    roles = {outcome.column: outcome.role for outcome in plan.outcomes}
    for role, method in ((Role.PRIMARY, settings.adjust_primary), (Role.SECONDARY, settings.adjust_secondary)):
        family = [
            place
            for place, entry in enumerate(entries)
            if entry.analysis is AnalysisRole.PRIMARY and roles[entry.outcome] is role
        ]
        _adjust_family(entries, family, method)
    return entries


def _adjust_family(entries: list[Entry], family: Sequence[int], method: Adjustment) -> None:
    """A planned effect that could not be estimated keeps its place in the family, as unproven (p = 1)."""
    adjusted = adjust([_p_value(entries[place]) for place in family], method)
    for place, value in zip(family, adjusted or (), strict=adjusted is not None):
        entry = entries[place]
        if isinstance(entry, EffectEstimate):
            entries[place] = replace(entry, p_adjusted=value)


def _p_value(entry: Entry) -> float:
    return entry.p_value if isinstance(entry, EffectEstimate) else 1.0
