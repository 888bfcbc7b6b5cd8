import pytest

from effects.decision_simulation.assumptions import Assumptions, Expectation, power_of
from effects.plan import AnalysisPlan
from effects.power import PowerError
from tests.effects.decision_simulation.planned_pilot import plan


def test_a_pilot_is_asked_for_an_effect_that_just_matters() -> None:
    stated = plan()
    told = Assumptions(outcomes={"control": Expectation(sd=10.0)}, clusters=(12,), size=20.0, icc=0.05)
    found = power_of(stated, stated.outcomes[0], told)
    assert (found.design, found.clusters, found.size, found.icc) == (stated.design, (12,), 20.0, 0.05)
    assert (found.effect, found.sd) == (2.0, 10.0)


def test_where_less_is_better_what_matters_is_a_fall() -> None:
    stated = plan()
    told = Assumptions(outcomes={"visits": Expectation(proportion=0.4)}, clusters=(12,), size=20.0)
    found = power_of(stated, stated.outcomes[1], told)
    assert (found.effect, found.proportions) == (-0.1, (0.4,))


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (Assumptions(clusters=(12,), icc=2.0), "icc"),
        (Assumptions(clusters=(0,)), "clusters"),
        (Assumptions(clusters=(2, 3, 4)), "clusters"),
        (Assumptions(clusters=(12,), size=0.0), "size"),
    ],
)
def test_what_cannot_be_is_refused_as_a_power_calculation_refuses_it(told: Assumptions, where: str) -> None:
    stated: AnalysisPlan = plan()
    with pytest.raises(PowerError) as refused:
        power_of(stated, stated.outcomes[0], told)
    assert where in [finding.where.partition("[")[0] for finding in refused.value.findings]
