"""P-values by resampling beside that of the model: wild cluster bootstrap and permutation, with what is to be noted."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from effects.codes import Aggregation, Design
from effects.inference.assignment import Assignment, possible
from effects.inference.least_squares import Fit
from effects.inference.permutation import BlockSums, PathSums, permutation, sums_of_rows
from effects.inference.resampling import MOST_CELLS
from effects.inference.wild_bootstrap import WildScores, scores_from_fit, wild_bootstrap
from effects.linear_model import LinearModel
from effects.message import Message, Scalar
from effects.planning.settings import DEFAULT_SEED, Settings, WildDraws
from effects.reassignment import reassignment
from effects.results import EffectEstimate
from effects.rows.samples import Sample

FEW_CLUSTERS: Final = 6
"""With fewer treated or untreated clusters the bootstrap that imposes the null rejects far too rarely: a rule of thumb
from the simulations of MacKinnon and Webb 2017."""


UNSTRATIFIED: Final = Message("It takes the assignment as drawn without strata, since the plan states none.")


def nobody(least: float) -> Message:
    """What a permutation tests, and the smallest p-value that it could give."""
    return Message(
        "The permutation p-value tests that treatment changes nobody's outcome; the smallest possible is {least:.2g}.",
        {"least": least},
    )


@dataclass(frozen=True, slots=True)
class Opinion:
    """A second p-value, or None with the reason among the notes."""

    p_value: float | None
    notes: tuple[Message, ...] = ()


def by_bootstrap(scores: WildScores, arms: tuple[int, int], asked: WildDraws, seed: int) -> Opinion:
    """The wild cluster bootstrap of one outcome; `arms` count the clusters with untreated and with treated rows."""
    counts: dict[str, Scalar] = {"untreated": arms[0], "treated": arms[1]}
    if min(arms) < 2:
        return _silent(
            Message(
                "No bootstrap p-value: {treated} clusters with and {untreated} without treatment, fewer than 2.", counts
            )
        )
    if scores.clusters * asked.draws > MOST_CELLS:
        size: dict[str, Scalar] = {"clusters": scores.clusters, "draws": asked.draws}
        return _silent(Message("No bootstrap p-value: {clusters} clusters are too many for {draws} draws.", size))
    p_value = float(wild_bootstrap(scores, asked.weights, asked.draws, seed).p_values[0])
    if np.isnan(p_value):
        return _silent(Message("No bootstrap p-value: the clusters do not differ."))
    if min(arms) >= FEW_CLUSTERS:
        return Opinion(p_value)
    unreliable = Message(
        "The bootstrap p-value is unreliable: {treated} clusters with and {untreated} without treatment.", counts
    )
    return Opinion(p_value, (unreliable,))


def by_permutation(sums: BlockSums | PathSums, assignment: Assignment, draws: int, seed: int) -> Opinion:
    """The randomisation test of one outcome."""
    number = possible(assignment, draws)
    if number < 2:
        return _silent(Message("No permutation p-value: no other assignment was possible."))
    if len(assignment.observed) * draws > MOST_CELLS:
        size: dict[str, Scalar] = {"units": len(assignment.observed), "draws": draws}
        return _silent(Message("No permutation p-value: {units} assigned units are too many for {draws} draws.", size))
    found = permutation(sums, assignment, draws, seed)
    p_value = float(found.p_values[0])
    if np.isnan(p_value):
        return _silent(Message("No permutation p-value: covariates determine the treatment."))
    least = 1.0 / found.draws if found.enumerated else 1.0 / (found.draws + 1.0)
    notes = (nobody(least),) if np.any(assignment.strata) else (nobody(least), UNSTRATIFIED)
    if not found.enumerated:
        return Opinion(p_value, notes)
    went = Message("Permutation went through all {number} assignments.", {"number": found.draws})
    return Opinion(p_value, (went, *notes))


def seconded(entry: EffectEstimate, fitted: Fit, sample: Sample, settings: Settings) -> EffectEstimate:
    """The entry with the second opinions that the plan asks for, computed on its sample and model."""
    seed = DEFAULT_SEED if settings.seed is None else settings.seed
    bootstrap = permuted = Opinion(None)
    if settings.bootstrap is not None:
        bootstrap = _bootstrap(fitted, settings.bootstrap, seed)
    if settings.permutation_draws is not None:
        permuted = _permuted(entry.aggregation, fitted.model, sample, settings, settings.permutation_draws, seed)
    return with_opinions(entry, bootstrap, permuted)


def with_opinions(entry: EffectEstimate, bootstrap: Opinion, permuted: Opinion) -> EffectEstimate:
    """The entry with both p-values, and their notes after its own."""
    note = (*(entry.note or ()), *bootstrap.notes, *permuted.notes)
    return replace(entry, p_bootstrap=bootstrap.p_value, p_permutation=permuted.p_value, note=note or None)


def _bootstrap(fitted: Fit, asked: WildDraws, seed: int) -> Opinion:
    model = fitted.model
    if model.clusters is None:
        return _silent(Message("No bootstrap p-value: the plan states no clusters."))
    treated = model.design[:, model.effect] != 0.0
    arms = (len(np.unique(model.clusters[~treated])), len(np.unique(model.clusters[treated])))
    return by_bootstrap(scores_from_fit(fitted, model.clusters), arms, asked, seed)


def _permuted(
    aggregation: Aggregation, model: LinearModel, sample: Sample, settings: Settings, draws: int, seed: int
) -> Opinion:
    if aggregation is Aggregation.INTERACTION:
        return _silent(Message("No permutation p-value: a difference between subgroups is not re-drawn."))
    redrawn = reassignment(sample, settings.design)
    if isinstance(redrawn, Message):
        return _silent(redrawn)
    nuisance = np.delete(model.design, model.effect, axis=1)
    adjusted: tuple[Message, ...] = ()
    if settings.design is Design.INDIVIDUAL_RANDOMISED and sample.covariate_names:
        nuisance = np.column_stack([np.ones(sample.size), sample.covariates])
        adjusted = (Message("The permutation p-value adjusts for covariates without interactions."),)
    sums = sums_of_rows(redrawn.unit, redrawn.period, nuisance, model.outcome, model.weights)
    opinion = by_permutation(sums, redrawn.assignment, draws, seed)
    return opinion if opinion.p_value is None else replace(opinion, notes=(*adjusted, *opinion.notes))


def _silent(reason: Message) -> Opinion:
    return Opinion(None, (reason,))
