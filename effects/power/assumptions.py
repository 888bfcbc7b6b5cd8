"""What a power calculation takes for granted, in words."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from effects.codes import Design
from effects.message import Message
from effects.power.planned import Planned, Spread

_CONVENTIONS: Final = (
    Message("z: normal quantiles, the standard error taken as known; both tails count towards power."),
    Message("t: the sum of two t quantiles, with the degrees of freedom stated."),
    Message("noncentral_t: the exact distribution of the t statistic with a normal outcome."),
)
_METHODS: Final[Mapping[Design, Message]] = MappingProxyType(
    {
        Design.INDIVIDUAL_RANDOMISED: Message("Difference of two means; people answer independently of each other."),
        Design.CLUSTER_RANDOMISED: Message(
            "Difference of two means with the design effect 1 + ((1 + cv^2) m - 1) icc."
        ),
        Design.STEPPED_WEDGE: Message(
            "Generalised least squares with period effects and random cluster effects (Hussey and Hughes 2007; with "
            "cac nested exchangeable), variances known, the effect immediate and constant."
        ),
        Design.TWO_PERIOD_DID: Message("Difference of two mean changes; the arms would have changed alike."),
        Design.STAGGERED_ADOPTION: Message(
            "Generalised least squares with period and fixed cluster effects; the effect is immediate and constant."
        ),
        Design.INTERRUPTED_TIME_SERIES: Message(
            "Level change of a line whose slope may change too; errors are AR(1) about it, and sd is that of a point."
        ),
        Design.CONTROLLED_INTERRUPTED_TIME_SERIES: Message(
            "Difference of the level changes of two series with independent AR(1) errors about their lines."
        ),
        Design.MATCHED_COMPARISON: Message(
            "Difference of two weighted means; weights of the untreated cost 1 + cv^2 (Kish), confounders are measured."
        ),
        Design.SYNTHETIC_CONTROL: Message(
            "The synthetic control follows the treated but for noise as large as that of the donors."
        ),
        Design.BEFORE_AFTER: Message("Mean change of one group: whatever else changed counts as the effect."),
        Design.SURVEY_BEFORE_AFTER: Message(
            "Difference of two waves; weights cost 1 + cv^2 (Kish), clusters 1 + (m - 1) icc, a finite population less."
        ),
    }
)
_LASTING: Final = frozenset(
    {
        Design.STEPPED_WEDGE,
        Design.TWO_PERIOD_DID,
        Design.STAGGERED_ADOPTION,
        Design.CONTROLLED_INTERRUPTED_TIME_SERIES,
        Design.BEFORE_AFTER,
    }
)


def convention_words(planned: Planned) -> tuple[Message, ...]:
    """What z, t and noncentral_t mean, and what sd measures."""
    if planned.proportions:
        return (*_CONVENTIONS, _proportions(planned))
    if planned.spread is Spread.RESIDUAL:
        return (*_CONVENTIONS, Message("sd is what is left within a cluster and period; icc is a share of the total."))
    return (*_CONVENTIONS, Message("sd is the total standard deviation; icc is a share of its square."))


def assumptions(planned: Planned) -> tuple[Message, ...]:
    """The method of the design, and every silence of the plan that makes the answer better than it may be."""
    return (_METHODS[planned.design], *_silences(planned))


def _silences(planned: Planned) -> Iterator[Message]:
    clustered = planned.size > 1.0 or planned.design not in (Design.INDIVIDUAL_RANDOMISED, Design.MATCHED_COMPARISON)
    correlated = bool(planned.icc or planned.tau)
    if planned.size > 1.0 and clustered and not correlated:
        yield Message("No icc is stated: people of one cluster are taken as unrelated, which flatters.")
    if correlated and planned.cac is None and planned.design in _LASTING:
        yield Message("No cac is stated: clusters are taken to keep their level from period to period, which flatters.")
    if planned.size > 1.0 and planned.size_cv == 0.0:
        yield Message("Clusters are taken to be of equal size.")
    if planned.proportions and planned.effect is None and len(planned.proportions) == 1:
        yield Message("The effect is an increase, unless only a decrease can be detected.")


def _proportions(planned: Planned) -> Message:
    if planned.design in (Design.INDIVIDUAL_RANDOMISED, Design.CLUSTER_RANDOMISED, Design.MATCHED_COMPARISON):
        return Message("Each arm varies as p (1 - p) of its own proportion.")
    if planned.design is Design.STEPPED_WEDGE:
        return Message("The residual variance is p (1 - p) at the mean of both proportions.")
    return Message("The total variance is p (1 - p) at the mean of both proportions.")
