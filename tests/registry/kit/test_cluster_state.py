"""What is said of a cluster, in the reader's language and with a status that lets work be asked again."""

import subprocess
import sys

import pytest

from effects.message import Message
from registry.kit.cluster_state import ClusterAway, ClusterUnfit, Presence
from registry.kit.errors import RegistryError, Unavailable
from registry.kit.language import translate


def test_a_cluster_that_is_away_is_a_503_after_which_the_same_may_be_asked_again() -> None:
    error = ClusterAway()
    assert isinstance(error, Unavailable)
    assert (error.status, error.code) == (503, "unavailable")


def test_an_unfit_cluster_is_no_passing_matter_and_has_a_code_of_its_own() -> None:
    error = ClusterUnfit(Message("The computing cluster was stopped several times by the same work."))
    assert isinstance(error, RegistryError) and not isinstance(error, Unavailable)
    assert (error.status, error.code) == (503, "cluster_unfit")


@pytest.mark.parametrize("error", [ClusterAway(), ClusterUnfit(Message("The computing cluster does not answer."))])
def test_every_refusal_has_a_sentence(error: RegistryError) -> None:
    assert str(error.message).startswith("The computing cluster")


def test_the_sentence_is_danish_for_a_danish_reader() -> None:
    message = ClusterAway().message
    assert translate(message, "da") != str(message)


def test_what_is_wrong_with_workers_stands_beside_their_number() -> None:
    assert Presence(2, ("numpy",)) != Presence(2, ())


def test_none_of_it_loads_dask() -> None:
    probe = "import sys, registry.kit.cluster_state; print(sorted({'dask', 'distributed'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "[]\n"
