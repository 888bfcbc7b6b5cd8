"""From contributions to an effect of the answer, or why an error cannot be stated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Estimator, Reason, StandardError
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.members import Members
from effects.inference.influence import Spread, Strata, plain, small, strata_of
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

EXACT: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What an effect rests on; `people` are those behind the untreated and the treated arm."""

    rows: int
    units: int
    clusters: int
    people: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Errors:
    """How errors are stated for a panel: the kind, and cohorts (the never treated are one) as strata of clusters."""

    panel: Members
    kind: StandardError
    estimator: str
    strata: Strata

    @property
    def lone(self) -> Numbers:
        """Cohorts of one cluster (L,), none where a cluster lies in several cohorts."""
        nested = len(self.strata.sizes) > 1
        return np.array([cohort for cohort in self.panel.cohorts.tolist() if nested and self.clusters(cohort) == 1])

    def clusters(self, *cohorts: float) -> int:
        """Number of clusters with units of the cohorts."""
        return len(np.unique(self.panel.cluster[np.isin(self.panel.first, cohorts)]))

    def stated(
        self,
        place: Place,
        estimate: float,
        influence: Numbers,
        cohorts: Sequence[float],
        behind: Behind,
        *,
        compared: Sequence[Numbers] = (),
        notes: tuple[Message, ...] = (),
    ) -> Effect | NoEffect:
        """The effect with its error from contributions (U,); it takes two treated clusters and some variation.

        `compared`: for each cohort of one cluster, the contributions (U,) of those it is compared with.
        """
        treated = self.clusters(*cohorts)
        if treated < 2:
            return NoEffect(place=place, obstacle=few_clusters(treated))
        plainly = self.kind is StandardError.INFLUENCE
        spread = plain(influence, self.panel.cluster) if plainly else small(influence, self.strata, compared)
        if not self._varies(spread):
            return NoEffect(place=place, obstacle=no_variation())
        return Effect(
            place=place,
            estimate=estimate,
            standard_error=spread.standard_error,
            kind=self.kind,
            df=spread.df,
            estimator=self.estimator,
            rows=behind.rows,
            units=behind.units,
            clusters=behind.clusters,
            people=behind.people,
            notes=notes,
        )

    def _varies(self, spread: Spread) -> bool:
        return spread.standard_error > EXACT * self.panel.scale


def errors_of(panel: Members, kind: StandardError, estimator: Estimator) -> Errors:
    """Errors for the panel as it stands.

    Imputed effects where a cohort has one cluster are centred on one mean: all treated are then one stratum.
    """
    together = estimator is Estimator.IMPUTATION and panel.has_lone_cohort
    group = panel.first <= panel.times[-1] if together else panel.first
    cohort = np.unique(group, return_inverse=True)[1].astype(np.int64)
    return Errors(panel, kind, estimator.value, strata_of(panel.cluster, cohort))


def few_clusters(treated: int) -> Obstacle:
    """Too few treated clusters for an error."""
    return Obstacle(
        Reason.TOO_FEW_CLUSTERS,
        Message("{treated} treated cluster", {"treated": treated}),
        Message("at least 2 treated clusters"),
    )


def no_variation() -> Obstacle:
    """Nothing from which to compute an error."""
    return Obstacle(
        Reason.NO_RESIDUAL_VARIATION,
        Message("no variation is left from which to compute a standard error"),
        Message("more clusters, or rows that vary within the arms"),
    )
