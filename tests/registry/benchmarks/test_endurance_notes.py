"""What clients write down, and what it comes to."""

import pytest

from registry.benchmarks.endurance_notes import (
    Asked,
    Ending,
    Write,
    endings,
    errors,
    longest_outage,
    percentiles,
    waits,
)


def asked(at: float, error: str = "", client: int = 1, seconds: float = 0.1, what: str = "list") -> Asked:
    return Asked(client, at, seconds, what, error)


def test_errors_are_counted_by_what_went_wrong_in_the_order_of_the_alphabet() -> None:
    found = errors([asked(1), asked(2, "broken off"), asked(3, "503"), asked(4, "broken off")])
    assert list(found.items()) == [("503", 1), ("broken off", 2)]


def test_every_kind_of_write_is_counted_also_where_nobody_made_one() -> None:
    writes = [Write("pilot", "a", Ending.ACKNOWLEDGED), Write("pilot", "b", Ending.REFUSED)]
    found = endings(writes)
    assert found["pilot"] == {Ending.ACKNOWLEDGED: 1, Ending.REFUSED: 1, Ending.UNKNOWN: 0}
    assert set(found) == {"pilot", "indicator", "upload", "analysis"}
    assert set(found["upload"].values()) == {0}


def test_without_a_failure_nobody_was_without_an_answer() -> None:
    assert longest_outage([asked(1), asked(2)]) == 0.0
    assert longest_outage([]) == 0.0


def test_an_outage_lasts_from_the_first_failure_to_the_end_of_the_next_good_answer() -> None:
    requests = [asked(1), asked(2, "503"), asked(3, "503"), asked(5, seconds=0.5), asked(6)]
    assert longest_outage(requests) == pytest.approx(3.5)


def test_a_good_answer_between_two_failures_ends_the_first_outage() -> None:
    requests = [asked(1, "503"), asked(2), asked(3, "503"), asked(4)]
    assert longest_outage(requests) == pytest.approx(1.1)


def test_an_outage_is_that_of_one_client() -> None:
    requests = [asked(1, "503", client=1), asked(2, client=2), asked(4, client=1), asked(3, "503", client=2)]
    assert longest_outage(requests) == pytest.approx(3.1)


def test_an_outage_without_end_counts_to_its_last_failure() -> None:
    assert longest_outage([asked(1, "503"), asked(9, "503", seconds=1.0)]) == pytest.approx(9.0)


def test_requests_are_taken_in_the_order_in_which_they_were_sent() -> None:
    requests = [asked(5), asked(1, "503")]
    assert longest_outage(requests) == pytest.approx(4.1)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], ()),
        ([0.3], (0.3, 0.3, 0.3)),
        ([float(number) for number in range(1, 101)], (50.0, 95.0, 99.0)),
        ([4.0, 3.0, 2.0, 1.0], (2.0, 4.0, 4.0)),
    ],
)
def test_percentiles_are_waiting_times_that_were_measured(seconds: list[float], expected: tuple[float, ...]) -> None:
    assert percentiles(seconds) == expected


def test_waiting_times_are_those_of_good_answers_to_one_question_in_one_part_of_the_run() -> None:
    requests = [
        asked(1, seconds=0.1),
        asked(2, seconds=0.2),
        asked(2.5, "503", seconds=9.0),
        asked(2.6, seconds=9.0, what="facts"),
        asked(3, seconds=0.3),
    ]
    assert waits(requests, 2.0, 3.0) == [0.2]
    assert waits(requests, 0.0, 9.0) == [0.1, 0.2, 0.3]
    assert waits(requests, 0.0, 9.0, "facts") == [9.0]
