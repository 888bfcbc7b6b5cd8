import pytest

from effects.codes import Estimator, StandardError
from effects.inference import covariance
from effects.version import EFFECTS_VERSION
from registry.analyses.rules import DF_METHODS, ESTIMATORS, RETRACT, RUN, WORDS, Meaning, obstacles, other_version
from registry.kit.language import translate
from registry.people.rules import Role


def test_only_evaluators_run_a_plan() -> None:
    assert RUN.roles == {Role.EVALUATOR}


def test_every_meaning_has_words() -> None:
    assert set(WORDS) == set(Meaning)


def test_every_standard_error_that_can_be_computed_says_where_its_degrees_of_freedom_come_from() -> None:
    computed = {*covariance._BY_ROW, *covariance._BY_CLUSTER}
    assert computed == set(DF_METHODS)
    assert str(DF_METHODS[StandardError.CR2]).startswith("Satterthwaite")


def test_only_the_installed_version_of_the_method_runs_an_analysis() -> None:
    assert other_version(EFFECTS_VERSION) is None
    assert "0.0.1" in str(other_version("0.0.1"))


def test_nothing_keeps_a_locked_plan_on_approved_rows_from_running() -> None:
    assert obstacles(plan_locked=True, version_approved=True) == []


def test_all_obstacles_are_named_at_once_each_with_a_remedy() -> None:
    assert [found.code for found in obstacles(plan_locked=False, version_approved=False)] == ["no_plan", "no_rows"]
    assert [found.code for found in obstacles(plan_locked=False, version_approved=True)] == ["no_plan"]
    assert [found.code for found in obstacles(plan_locked=True, version_approved=False)] == ["no_rows"]
    assert all(found.remedy for found in obstacles(plan_locked=False, version_approved=False))


@pytest.mark.parametrize("name", Estimator)
def test_an_estimator_that_a_plan_can_ask_for_has_words(name: Estimator) -> None:
    assert name.value in ESTIMATORS


def test_words_of_meanings_and_estimators_are_said_in_danish_too() -> None:
    for message in WORDS.values():
        assert translate(message, "da") != translate(message, "en")
    assert all(translate(message, "da") for message in ESTIMATORS.values())


def test_a_result_is_retracted_by_an_evaluator() -> None:
    assert RETRACT.roles == {Role.EVALUATOR}
