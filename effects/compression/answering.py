"""Everything that moments say about one outcome, and what rows would have said beside it."""

from typing import Final

from effects.codes import Aggregation, Design, Reason
from effects.compression.answers import entry_from, outcome_checks
from effects.compression.mixed import cluster_trial, needs_rows, wedge_trial
from effects.design_answers import DesignAnswer, NoEffect
from effects.effect_entries import Basis, Question, entry_on, unanswered
from effects.estimators import is_linear
from effects.estimators.cluster_randomised_mixed import beside_clusters, intercept_answer
from effects.estimators.mixed_effects import BESIDE
from effects.estimators.placebo_change import MANY_TREATED
from effects.estimators.staggered.answer import answer_of_sums
from effects.estimators.staggered.panel_sums import panel_of_sums
from effects.estimators.stepped_wedge_mixed import beside_wedge, wedge_answer
from effects.linear_model import Obstacle
from effects.message import Message
from effects.moments import OutcomeMoments
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.results import Diagnostic, EffectEstimate, Entry


def answer_from(
    moments: OutcomeMoments, rows: int, plan: PlanSections, settings: Settings
) -> tuple[tuple[Entry, ...], tuple[Diagnostic, ...]]:
    """Entries and checks of one outcome in the order of an answer from rows; `rows` counts those before any is dropped.

    An entry that rows would have and these moments have not says so, for the reason needs_rows.
    """
    if not moments.grams.clusters:
        question = Question(moments.outcome, plan.estimand, Aggregation.OVERALL, dropped=moments.dropped)
        return (unanswered(question, _NO_ROWS),), outcome_checks(moments, rows, plan, settings)
    if is_linear(settings):
        primary = entry_from(moments, plan, settings)
        found = _beside(moments, plan, settings) if isinstance(primary, EffectEstimate) else DesignAnswer(())
        entries = (primary, *_entries(found, moments, plan, settings))
    else:
        found = _answer(moments, plan, settings)
        entries = _entries(found, moments, plan, settings)
    checks = outcome_checks(moments, rows, plan, settings, entries[0])
    return entries, (*checks, *found.diagnostics)


def _answer(moments: OutcomeMoments, plan: PlanSections, settings: Settings) -> DesignAnswer:
    """Designs with an estimator of their own."""
    if settings.design is Design.CLUSTER_RANDOMISED:
        return intercept_answer(cluster_trial(moments, plan, settings))
    if settings.design is Design.STAGGERED_ADOPTION:
        assert moments.changes is not None
        return answer_of_sums(moments.outcome, settings, panel_of_sums(moments.changes))
    return wedge_answer(wedge_trial(moments, plan, settings))


def _beside(moments: OutcomeMoments, plan: PlanSections, settings: Settings) -> DesignAnswer:
    """What `estimators.BESIDE` answers from rows."""
    if settings.design is Design.CLUSTER_RANDOMISED:
        return beside_clusters(cluster_trial(moments, plan, settings))
    if settings.design is Design.STEPPED_WEDGE:
        return beside_wedge(wedge_trial(moments, plan, settings))
    if settings.design is Design.TWO_PERIOD_DID and _treated_units(moments) < MANY_TREATED:
        obstacle = needs_rows(Message("placebos are the changes of single units"))
        return DesignAnswer((NoEffect(place=BESIDE, obstacle=obstacle),))
    return DesignAnswer(())


def _treated_units(moments: OutcomeMoments) -> int:
    """Units of clusters that lie in the treated group whole."""
    assert moments.waves is not None
    whole = {
        cluster for cluster, rows in zip(moments.waves.clusters, moments.waves.by_cluster, strict=True) if rows[0] == 0
    }
    return int(moments.grams.units[[cluster in whole for cluster in moments.grams.clusters]].sum())


def _entries(found: DesignAnswer, moments: OutcomeMoments, plan: PlanSections, settings: Settings) -> tuple[Entry, ...]:
    grams = moments.grams
    question = Question(moments.outcome, plan.estimand, Aggregation.OVERALL, dropped=moments.dropped)
    basis = Basis(int(grams.rows.sum()), int(grams.units.sum()), len(grams.clusters), "", moments.people)
    return tuple(entry_on(effect, basis, question, settings.level) for effect in found.effects)


_NO_ROWS: Final = Obstacle(
    Reason.NO_ROWS, Message("no complete rows"), Message("rows with a value in every column of the plan")
)
