from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Design
from effects.power.planned import Planned, PowerError, Spread, contradictions, read_planned

SOUND: Mapping[str, object] = {
    "design": "cluster_randomised",
    "clusters": 20,
    "size": 50,
    "icc": 0.05,
    "sd": 1,
    "power": 0.8,
}


def findings(**keys: object) -> list[tuple[str, str]]:
    stated = {key: value for key, value in {**SOUND, **keys}.items() if value is not None}
    with pytest.raises(PowerError) as error:
        read_planned(stated)
    return [(finding.where, finding.code) for finding in error.value.findings]


def read(**keys: object) -> Planned:
    return read_planned({key: value for key, value in {**SOUND, **keys}.items() if value is not None})


def test_what_is_stated_is_read() -> None:
    planned = read(clusters=[20, 24], cac=0.8, level=0.9, size_cv=0.4)
    assert planned == Planned(
        design=Design.CLUSTER_RANDOMISED,
        clusters=(20, 24),
        size=50.0,
        size_cv=0.4,
        icc=0.05,
        cac=0.8,
        sd=1.0,
        level=0.9,
        power=0.8,
    )


def test_silence_takes_the_usual_values() -> None:
    planned = read_planned({"design": "individual_randomised", "clusters": 64, "sd": 1, "power": 0.8})
    assert (planned.size, planned.periods, planned.level, planned.iac, planned.icc) == (1.0, 2, 0.95, 0.0, None)


def test_equal_numbers_may_be_stated_for_every_arm() -> None:
    assert read(clusters=[20, 20]).clusters == (20, 20)


@pytest.mark.parametrize(
    ("keys", "where", "code"),
    [
        ({"design": None}, "design", "missing_key"),
        ({"design": "crossover"}, "design", "unknown_code"),
        ({"clusters": 0}, "clusters", "not_a_count"),
        ({"clusters": []}, "clusters", "not_a_count"),
        ({"clusters": [20, 2.5]}, "clusters", "not_a_count"),
        ({"clusters": True}, "clusters", "not_a_count"),
        ({"clusters": 10**9}, "clusters", "not_a_count"),
        ({"clusters": [20, 20, 20]}, "clusters", "wrong_number_of_groups"),
        ({"size": 0}, "size", "out_of_range"),
        ({"size": "many"}, "size", "not_a_number"),
        ({"icc": 1.0}, "icc", "out_of_range"),
        ({"icc": -0.1}, "icc", "out_of_range"),
        ({"cac": 1.5}, "cac", "out_of_range"),
        ({"iac": 1.0}, "iac", "out_of_range"),
        ({"autocorrelation": 1.0}, "autocorrelation", "out_of_range"),
        ({"sd": 0}, "sd", "out_of_range"),
        ({"sd": None}, "sd", "spread_not_stated_once"),
        ({"proportions": [0.5]}, "sd", "spread_not_stated_once"),
        ({"sd": None, "proportions": [0.5, 0.4, 0.3]}, "proportions", "not_proportions"),
        ({"sd": None, "proportions": 1}, "proportions", "not_proportions"),
        ({"sd": None, "proportions": [0.0]}, "proportions", "not_proportions"),
        ({"tau": 0.1}, "tau", "stated_twice"),
        ({"icc": None, "tau": 1.0}, "tau", "tau_exceeds_spread"),
        ({"icc": None, "tau": 0.1, "cac": 0.0}, "tau", "tau_exceeds_spread"),
        ({"level": 1.0}, "level", "out_of_range"),
        ({"power": 1.0}, "power", "out_of_range"),
        ({"power": 0.09, "level": 0.9}, "power", "power_below_size"),
        ({"power": None}, "effect, power, clusters", "not_one_unknown"),
        ({"effect": 0.3}, "effect, power, clusters", "not_one_unknown"),
        ({"power": None, "effect": 0.0}, "effect", "no_effect"),
        ({"sd": None, "proportions": 0.4, "power": None, "effect": 0.6}, "effect", "no_proportion"),
        ({"sd": None, "proportions": [0.4, 0.5], "power": None, "effect": 0.1}, "effect", "stated_twice"),
        ({"starts": [2]}, "starts", "key_not_for_design"),
        ({"periods": 1}, "periods", "not_a_count"),
        ({"sizes": 40}, "sizes", "unknown_key"),
    ],
)
def test_what_cannot_be_meant_is_named(keys: dict[str, object], where: str, code: str) -> None:
    assert (where, code) in findings(**keys)


def test_every_finding_is_told_at_once() -> None:
    found = findings(size=-1, icc=2, sd="wide", clusters=[1, 2, 3], power=None, colour="red")
    assert [where for where, _ in found] == ["size", "icc", "sd", "colour", "effect, power, clusters", "clusters"]


def test_a_key_that_could_not_be_read_is_not_told_twice() -> None:
    assert findings(sd=-1) == [("sd", "out_of_range")]


def test_two_proportions_are_an_effect() -> None:
    planned = read(sd=None, proportions=[0.3, 0.2], power=None)
    assert list(contradictions(planned)) == []
    assert ("effect, power, clusters", "not_one_unknown") in findings(sd=None, proportions=[0.3, 0.2])


def test_a_single_series_counts_no_clusters() -> None:
    stated = {"design": "interrupted_time_series", "periods": 48, "sd": 1}
    assert read_planned({**stated, "power": 0.8}).clusters is None
    with pytest.raises(PowerError):
        read_planned({**stated, "power": 0.8, "effect": 1})


@pytest.mark.parametrize(
    ("keys", "starts"),
    [
        ({"design": "stepped_wedge", "periods": 5}, (2, 3, 4, 5)),
        ({"design": "stepped_wedge", "periods": 5, "clusters": 6}, (2, 3, 4, 5)),
        ({"design": "stepped_wedge", "periods": 6, "clusters": [6, 4, 4]}, (2, 3, 4)),
        ({"design": "stepped_wedge", "periods": 9, "starts": [3, 6, 9]}, (3, 6, 9)),
        ({"design": "interrupted_time_series", "periods": 48}, (25,)),
        ({"design": "synthetic_control", "periods": 31, "starts": 20}, (20,)),
        ({"design": "cluster_randomised"}, ()),
    ],
)
def test_sequences_start_one_after_the_other_unless_told_otherwise(
    keys: dict[str, object], starts: tuple[int, ...]
) -> None:
    power = None if "clusters" in keys else 0.8
    effect = 1.0
    if keys["design"] == "interrupted_time_series":
        power = None
    stated = {"sd": 1, "effect": effect, "power": power, **keys}
    planned = read_planned({key: value for key, value in stated.items() if value is not None})
    assert planned.first_treated == starts


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ({"periods": 3, "clusters": [2, 2, 2]}, "sequences_do_not_fit"),
        ({"periods": 5, "starts": [2, 6]}, "sequences_do_not_fit"),
        ({"periods": 5, "starts": [2, 2]}, "sequences_do_not_fit"),
        ({"periods": 5, "starts": [1]}, "not_a_count"),
        ({"periods": 5, "clusters": [2, 2], "starts": [2, 3, 4]}, "wrong_number_of_groups"),
        ({"design": "staggered_adoption", "periods": 5, "starts": [3]}, "no_comparison"),
    ],
)
def test_sequences_fit_the_periods(keys: dict[str, object], code: str) -> None:
    stated = {"design": "stepped_wedge", "clusters": 4, "sd": 1, "power": 0.8, **keys}
    with pytest.raises(PowerError) as error:
        read_planned(stated)
    assert code in [finding.code for finding in error.value.findings]


def test_sd_means_what_the_literature_of_the_design_means() -> None:
    assert read().spread is Spread.TOTAL
    wedge = {"design": "stepped_wedge", "periods": 5, "clusters": 6, "sd": 1, "power": 0.8}
    assert read_planned(wedge).spread is Spread.RESIDUAL
    assert read_planned({**wedge, "sd_kind": "total"}).spread is Spread.TOTAL


@pytest.mark.parametrize("design", list(Design))
def test_every_design_has_groups_to_count(design: Design) -> None:
    planned = Planned(design=design, clusters=(4,), periods=6, sd=1.0, power=0.8)
    assert planned.groups >= 1
    assert (planned.groups == 2) is (
        design
        in {
            Design.INDIVIDUAL_RANDOMISED,
            Design.CLUSTER_RANDOMISED,
            Design.TWO_PERIOD_DID,
            Design.CONTROLLED_INTERRUPTED_TIME_SERIES,
            Design.MATCHED_COMPARISON,
            Design.SYNTHETIC_CONTROL,
        }
    )


@given(
    st.dictionaries(
        st.sampled_from(["design", "clusters", "size", "icc", "sd", "proportions", "power", "effect", "periods", "x"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.floats(), max_size=3),
    )
)
def test_whatever_is_stated_is_read_or_refused_with_findings(mapping: dict[str, object]) -> None:
    try:
        read_planned(mapping)
    except PowerError as error:
        assert error.findings
        assert all(finding.text() for finding in error.findings)
