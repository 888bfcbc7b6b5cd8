from effects.codes import Design, StandardError
from effects.estimators import ANSWERING, BESIDE, LINEAR, is_linear
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from tests.effects.designs import BUILT, PlanFor


def settings(plan: AnalysisPlan) -> object:
    return settle(plan)[0]


def test_every_built_design_has_an_estimator() -> None:
    assert {Design(name) for name in BUILT} == LINEAR.keys() | ANSWERING.keys()


def test_a_linear_model_is_named_after_its_design() -> None:
    assert all(model.__name__ == design.value for design, model in LINEAR.items())


def test_only_linear_designs_have_something_beside_them() -> None:
    assert BESIDE.keys() <= LINEAR.keys()


def test_mixed_models_of_a_linear_design_are_not_linear(plan_for: PlanFor) -> None:
    linear = settle(plan_for("cluster_randomised"))[0]
    assert is_linear(linear)
    mixed = {"inference": {"standard_error": StandardError.MODEL_BASED.value}}
    assert not is_linear(settle(plan_for("cluster_randomised", **mixed))[0])
    assert not is_linear(settle(plan_for("stepped_wedge"))[0])
