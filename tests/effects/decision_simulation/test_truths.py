from dataclasses import replace

from effects.codes import Role
from effects.decision_simulation.truths import offered
from tests.effects.decision_simulation.planned_setting import CONTROL, GUARDRAILS, NAMES, PRIMARIES

ALL = {truth.name: truth for truth in offered((*PRIMARIES, *GUARDRAILS))}


def test_the_truths_offered_span_nothing_to_harm() -> None:
    assert list(ALL) == [
        "nothing_helps",
        "all_help",
        "all_help_more",
        "some_help",
        "primary_harmed",
        "guardrail_harmed",
    ]
    assert all(truth.probability is None for truth in ALL.values())


def test_where_nothing_helps_nobody_is_affected() -> None:
    assert ALL["nothing_helps"].effects == {}


def test_all_primaries_help_by_what_matters_or_half_as_much_again() -> None:
    assert ALL["all_help"].effects == dict.fromkeys(NAMES, 1.0)
    assert ALL["all_help_more"].effects == dict.fromkeys(NAMES, 1.5)


def test_half_of_the_primaries_help_and_the_others_do_not() -> None:
    assert ALL["some_help"].effects == {"control": 1.5, "strain": 1.5}
    assert str(ALL["some_help"].title) == "2 of 4 primary indicators improve"


def test_one_primary_is_harmed_by_what_matters() -> None:
    assert ALL["primary_harmed"].effects["uptime"] == -1.0


def test_a_guardrail_is_harmed_by_its_own_margin() -> None:
    narrow = tuple(replace(item, margin=0.5) for item in GUARDRAILS)
    harmed = offered((*PRIMARIES, *narrow))[-1]
    assert harmed.effects["guard safety"] == -0.25


def test_one_primary_without_guardrail_leaves_three_truths() -> None:
    assert [truth.name for truth in offered((CONTROL,))] == ["nothing_helps", "all_help", "all_help_more"]


def test_of_an_odd_number_of_primaries_the_smaller_half_improves() -> None:
    found = {truth.name: truth for truth in offered(PRIMARIES[:3])}
    assert found["some_help"].effects == {"control": 1.5}
    assert found["primary_harmed"].effects == {"control": 1.5, "visits": -1.0}


def test_guardrails_alone_can_only_be_harmed() -> None:
    found = offered(GUARDRAILS)
    assert [truth.name for truth in found] == ["nothing_helps", "all_help", "all_help_more", "guardrail_harmed"]
    assert found[-1].effects == {"guard safety": -1.0}


def test_secondary_outcomes_are_left_as_they_are() -> None:
    secondary = replace(CONTROL, name="mood", role=Role.SECONDARY)
    assert all("mood" not in truth.effects for truth in offered((*PRIMARIES, secondary)))


def test_every_title_is_a_sentence_of_its_own() -> None:
    titles = [str(truth.title) for truth in ALL.values()]
    assert len(set(titles)) == len(titles)
    assert all("{" not in title for title in titles)
