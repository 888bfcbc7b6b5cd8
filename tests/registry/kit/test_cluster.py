"""Work on a real cluster whose workers and scheduler are killed: every part has one answer, the one it has here."""

import logging
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path

import pytest
from distributed import KilledWorker
from threadpoolctl import threadpool_info

from effects.errors import DataError
from effects.spread import in_order, spread, spreading
from registry.kit.cluster import DEATHS, Call, Held, done, over_dask, presence, quiet, unfit
from registry.kit.cluster_state import ClusterAway, ClusterUnfit, Presence
from registry.kit.errors import Conflict
from registry.kit.outcomes import Refusal, Value
from registry.kit.versions import versions
from tests.registry import clusters
from tests.registry.clusters import Running, until

PARTS = range(12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `clusters.note` leaves its lines."""
    return tmp_path


def lines(folder: Path) -> dict[int, int]:
    return {int(path.name): len(path.read_text().splitlines()) for path in folder.iterdir()}


def when(condition: Callable[[], bool], do: Callable[[], object]) -> threading.Thread:
    """Does something at the side as soon as a condition holds."""

    def wait() -> None:
        until(condition)
        do()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_parts_are_done_by_all_workers_and_answered_in_their_order(cluster: Running) -> None:
    until(lambda: len(cluster.nodes("worker")) == 2)
    with over_dask(cluster.address) as over, spreading(over):
        assert spread(clusters.add, 10, [3, 1, 2]) == [13, 11, 12]
        until(lambda: len(set(spread(clusters.worked_by, None, [0.1] * 4))) == 2)


def test_two_parts_are_done_by_two_workers_at_once(cluster: Running) -> None:
    until(lambda: len(cluster.nodes("worker")) == 2)
    with over_dask(cluster.address) as over:
        until(lambda: len(set(over(clusters.worked_by, None, [0.1] * 4))) == 2)
        assert [len(set(over(clusters.worked_by, None, [0.3] * 2))) for _ in range(3)] == [2, 2, 2]


def test_what_is_too_much_for_every_part_to_carry_is_sent_once(
    cluster: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.kit.cluster.MOST_CARRIED", 0)
    with over_dask(cluster.address) as over:
        assert over(clusters.add, 10, [3, 1, 2]) == [13, 11, 12]


def test_what_is_shared_is_as_it_was_sent_on_every_worker(cluster: Running) -> None:
    shared = [1.0, 2.0]
    with over_dask(cluster.address) as over:
        found = over(clusters.nested, shared, [0, 0, 0])
    assert (found, shared) == ([0.0, 0.0, 0.0], [1.0, 2.0])


def test_a_part_whose_worker_is_killed_is_done_by_another(cluster: Running, folder: Path) -> None:
    with over_dask(cluster.address) as over:
        killing = when(lambda: len(lines(folder)) >= 2, lambda: cluster.kill("worker"))
        found = over(clusters.note, str(folder), PARTS)
        killing.join()
    assert [part for part, _ in found] == list(PARTS)
    assert set(lines(folder)) == set(PARTS)


def test_when_the_scheduler_is_killed_only_parts_without_an_answer_are_done_again(
    cluster: Running, folder: Path
) -> None:
    answered = 6
    with over_dask(cluster.address) as over:
        killing = when(lambda: len(lines(folder)) >= answered, lambda: cluster.kill("scheduler"))
        found = over(clusters.note, str(folder), PARTS)
        killing.join()
        assert over(clusters.add, 1, [1, 2]) == [2, 3]
    assert [part for part, _ in found] == list(PARTS)
    assert len({worker for _, worker in found}) >= 3, "those who answered before, and those who did the rest"
    again = sum(lines(folder).values()) - len(PARTS)
    assert again < answered, "two were under way, and a few answers may have been on their way"


def test_the_first_refusal_in_the_order_of_the_parts_arrives_with_everything_it_carries(cluster: Running) -> None:
    with over_dask(cluster.address) as over:
        for parts in ([0, 5, 3], [0, 5, 3, 7, 9, 2, 4, 1]):
            with pytest.raises(DataError) as refused:
                over(clusters.refuse, None, parts)
            assert str(refused.value) == "data: There is nothing in 5.csv."
            assert refused.value.findings[0].row == 3
        assert over(clusters.refuse, None, [0, 2]) == [0, 2]


def test_a_bug_in_a_part_is_raised_as_what_it_is(cluster: Running) -> None:
    with over_dask(cluster.address) as over, pytest.raises(ZeroDivisionError):
        over(clusters.divide, 1, [1, 0])


def test_a_scheduler_that_does_not_come_is_given_up() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # kept, so that nobody else takes it
        nobody = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        started = time.monotonic()
        with over_dask(nobody, patience=0.3) as over, pytest.raises(ClusterAway) as away:
            over(clusters.add, 1, [1, 2])
    assert away.value.status == 503
    assert time.monotonic() - started < 60


def test_nothing_is_connected_where_there_is_nothing_to_spread() -> None:
    with over_dask("tcp://127.0.0.1:1") as over, spreading(over):
        assert spread(clusters.add, 1, [2]) == in_order(clusters.add, 1, [2])


def test_a_worker_with_other_versions_is_refused_by_name() -> None:
    wanted = {**versions(), "numpy": "0.9"}
    outcome = pickle.loads(done(pickle.dumps(1), Held(pickle.dumps((clusters.add, 1))), wanted))
    with pytest.raises(ClusterUnfit, match="cluster_unfit") as wrong:
        outcome.value()
    assert f"numpy {versions()['numpy']} (0.9)" in str(wrong.value.message)


def test_nothing_is_said_on_standard_error(cluster: Running) -> None:
    program = (
        "import sys; from registry.kit.cluster import over_dask; from tests.registry.clusters import add\n"
        "with over_dask(sys.argv[1]) as over: print(over(add, 1, [1, 2]))"
    )
    call = [sys.executable, "-W", "error", "-c", program, cluster.address]
    ended = subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "[2, 3]\n", "")


def test_a_cluster_tells_who_is_there(cluster: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    until(lambda: presence(cluster.address) == Presence(2, ()))
    monkeypatch.setattr("registry.kit.cluster._CONNECT_SECONDS", 0.2)
    with pytest.raises(ClusterAway):
        presence("tcp://127.0.0.1:1")


def test_tls_that_is_not_set_up_is_said_by_its_setting() -> None:
    with over_dask("tls://127.0.0.1:1") as over, pytest.raises(ClusterUnfit) as wrong:
        over(clusters.add, 1, [1, 2])
    assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in str(wrong.value.message)


def test_what_kills_every_worker_and_what_is_not_installed_there_are_told_apart() -> None:
    assert "stopped several times" in str(unfit(KilledWorker("part", None, 10)).message)
    assert "ModuleNotFoundError" in str(unfit(ModuleNotFoundError("registry")).message)


def value(found: object) -> bytes:
    return pickle.dumps(Value(found))


def refused() -> bytes:
    return pickle.dumps(Refusal.of(Conflict("Somebody was faster.")))


def a_call(parts: int) -> Call:
    return Call(Held(b""), [b""] * parts)


def test_a_call_is_over_when_every_part_has_an_answer_in_any_order() -> None:
    call = a_call(3)
    assert (call.missing, call.over) == ([0, 1, 2], False)
    for place in (2, 0):
        call.take(place, value(place))
    assert (call.missing, call.over) == ([1], False)
    call.take(1, value(1))
    assert call.over
    assert [outcome.value() for outcome in call.outcomes()] == [0, 1, 2]


def test_an_answer_that_comes_twice_counts_once() -> None:
    call = a_call(2)
    for _ in range(2):
        call.take(0, value(7))
    call.take(1, value(8))
    assert [outcome.value() for outcome in call.outcomes()] == [7, 8]


def test_parts_behind_a_refusal_are_not_waited_for_and_those_before_it_are() -> None:
    call = a_call(5)
    call.take(2, refused())
    assert call.missing == [0, 1]
    call.take(4, value(4))
    call.take(0, refused())
    assert call.over
    (only,) = call.outcomes()
    with pytest.raises(Conflict):
        only.value()


def test_a_later_refusal_does_not_hide_an_earlier_one() -> None:
    call = a_call(4)
    call.take(1, refused())
    call.take(3, refused())
    call.take(0, value(0))
    assert call.over
    assert len(call.outcomes()) == 2


def test_a_part_that_kills_workers_is_tried_again_a_few_times_and_then_given_up() -> None:
    call, killed = a_call(1), KilledWorker("part", None, 10)
    for _ in range(DEATHS):
        with pytest.raises(CancelledError):
            call.take(0, killed)
    with pytest.raises(ClusterUnfit, match="cluster_unfit"):
        call.take(0, killed)
    assert call.missing == [0]


def test_an_error_of_the_cluster_itself_is_no_answer() -> None:
    call = a_call(1)
    with pytest.raises(ClusterUnfit) as wrong:
        call.take(0, RuntimeError("Error during deserialization"))
    assert "RuntimeError" in str(wrong.value.message) and "deserialization" not in str(wrong.value.message)


def test_what_is_held_goes_on_closed_and_is_opened_once() -> None:
    held = Held(pickle.dumps((clusters.nested, [1.0])))
    function, shared = held.opened
    assert function is clusters.nested
    shared[0] = 9.0
    assert held.opened[1] == [9.0]
    assert pickle.loads(pickle.dumps(held)).opened[1] == [1.0]


def test_a_part_done_on_a_worker_leaves_one_numeric_thread() -> None:
    outcome = pickle.loads(done(pickle.dumps(2), Held(pickle.dumps((clusters.add, 1))), versions()))
    assert outcome.value() == 3
    assert {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"} == {1}


def test_what_cannot_be_opened_on_a_worker_is_raised_here_and_not_there() -> None:
    outcome = pickle.loads(done(b"no pickle", Held(pickle.dumps((clusters.add, 1))), versions()))
    with pytest.raises(pickle.UnpicklingError):
        outcome.value()


@pytest.mark.parametrize("error", [DataError, ClusterAway, ZeroDivisionError])
def test_no_error_of_a_part_is_raised_where_a_worker_would_log_it(error: type[Exception]) -> None:
    part = pickle.dumps(error.__name__)
    outcome = pickle.loads(done(part, Held(pickle.dumps((clusters.fail, None))), versions()))
    with pytest.raises(error):
        outcome.value()


def test_what_cannot_be_sent_is_said_before_anything_is_connected() -> None:
    with over_dask("tcp://127.0.0.1:1") as over, pytest.raises(Exception, match=r"(?i)pickle"):
        over(lambda _, part: part, None, [1, 2])


def test_the_log_of_dask_is_silent_however_it_was_set() -> None:
    quiet()
    for name in ("distributed", "distributed.client", "distributed.worker", "distributed.scheduler"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)
