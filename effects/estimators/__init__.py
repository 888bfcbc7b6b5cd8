"""One module per design; the table says which designs have an estimator."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from effects.codes import Design
from effects.estimators.cluster_randomised import cluster_randomised
from effects.estimators.individual_randomised import individual_randomised
from effects.estimators.stepped_wedge import stepped_wedge
from effects.linear_model import LinearModel, Obstacle
from effects.planning.settings import Settings
from effects.rows.samples import Sample

Estimator: TypeAlias = Callable[[Sample, Settings], LinearModel | Obstacle]

ESTIMATORS: Final[Mapping[Design, Estimator]] = MappingProxyType(
    {
        Design.INDIVIDUAL_RANDOMISED: individual_randomised,
        Design.CLUSTER_RANDOMISED: cluster_randomised,
        Design.STEPPED_WEDGE: stepped_wedge,
    }
)
