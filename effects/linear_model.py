"""What an estimator hands to inference: a linear model with one column of interest, or why there is none."""

from dataclasses import dataclass

import numpy as np

from effects.codes import Reason
from effects.message import Message
from effects.rows.columns import Codes, Numbers


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an effect has no answer, in figures, and what would be needed."""

    reason: Reason
    detail: Message
    needs: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """E(outcome) = design @ coefficients, weighted; `effect` is the column whose coefficient is the answer.

    Shapes: outcome (n,), design (n, k), weights (n,), clusters (n,) codes 0..G-1 in ascending order. `absorbed` counts
    the columns, besides one, of unit effects that are nested in the clusters: cr1s leaves them out of its k.
    """

    outcome: Numbers
    design: Numbers
    names: tuple[str, ...]
    effect: int
    weights: Numbers
    clusters: Codes | None
    absorbed: int
    estimator: str
    notes: tuple[Message, ...] = ()

    def with_columns(self, columns: Numbers, names: tuple[str, ...], effect: int) -> "LinearModel":
        """The model with further columns (n, m), asking for column `effect` of these."""
        return LinearModel(
            outcome=self.outcome,
            design=np.column_stack([self.design, columns]),
            names=self.names + names,
            effect=len(self.names) + effect,
            weights=self.weights,
            clusters=self.clusters,
            absorbed=self.absorbed,
            estimator=self.estimator,
            notes=self.notes,
        )
