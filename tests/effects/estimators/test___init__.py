from effects.codes import Design
from effects.estimators import ESTIMATORS


def test_the_table_names_the_designs_that_have_an_estimator() -> None:
    assert set(ESTIMATORS) == {Design.INDIVIDUAL_RANDOMISED, Design.CLUSTER_RANDOMISED, Design.STEPPED_WEDGE}


def test_an_estimator_is_named_after_its_design() -> None:
    assert all(estimator.__name__ == design.value for design, estimator in ESTIMATORS.items())
