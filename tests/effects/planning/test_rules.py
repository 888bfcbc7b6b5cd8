from collections.abc import Callable
from dataclasses import fields

import pytest

from effects.codes import Design, Estimand, StandardError
from effects.estimators import ANSWERING, LINEAR
from effects.plan import AnalysisPlan
from effects.planning.rules import RULES
from effects.planning.sections import DataRoles, Model
from effects.planning.settings import settle


@pytest.mark.parametrize("design", Design)
def test_every_design_has_rules(design: Design) -> None:
    rules = RULES[design]
    assert rules.estimands
    assert rules.standard_errors


@pytest.mark.parametrize("design", Design)
def test_rules_speak_only_of_roles_and_keys_that_a_plan_can_state(design: Design) -> None:
    rules = RULES[design]
    roles, keys = {item.name for item in fields(DataRoles)}, {item.name for item in fields(Model)}
    assert {role for choices in rules.needs for role in choices} <= roles
    assert rules.model_keys <= keys


@pytest.mark.parametrize("design", Design)
def test_a_list_of_choices_belongs_to_a_key_that_may_be_stated(design: Design) -> None:
    rules = RULES[design]
    assert bool(rules.estimators) == ("estimator" in rules.model_keys)
    assert bool(rules.fixed_effects) == ("fixed_effects" in rules.model_keys)


def test_the_complier_effect_is_for_randomised_designs_alone() -> None:
    asked = {design for design in Design if Estimand.CACE in RULES[design].estimands}
    assert asked == {Design.INDIVIDUAL_RANDOMISED, Design.CLUSTER_RANDOMISED, Design.STEPPED_WEDGE}


def test_a_cluster_randomised_trial_cannot_ignore_its_clusters() -> None:
    allowed = RULES[Design.CLUSTER_RANDOMISED].standard_errors
    assert not allowed & {StandardError.IID, StandardError.HC1, StandardError.HC2, StandardError.HC3}


@pytest.mark.parametrize("design", Design)
def test_the_default_standard_error_is_one_that_the_design_knows(
    design: Design, plan_for: Callable[..., AnalysisPlan]
) -> None:
    assert settle(plan_for(design.value))[0].standard_error in RULES[design].standard_errors


def test_every_design_has_an_estimator() -> None:
    assert (LINEAR.keys() | ANSWERING.keys()) == set(Design)
