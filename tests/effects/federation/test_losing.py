from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.errors import DataError, Finding
from effects.federation.making import make
from effects.plan import AnalysisPlan
from tests.effects.designs import outcome
from tests.effects.federation.pilot import csv, made, pilot, plan
from tests.effects.federation.test_products import TRIAL, trial


def stated(first: list[str], second: list[str], design: str = "stepped_wedge", **sections: object) -> AnalysisPlan:
    """A plan of two outcomes with covariates each."""
    outcomes = [outcome("score", covariates=first), {**outcome("happy"), "role": "secondary"}]
    outcomes[1] |= {"covariates": second} if second else {}
    return plan("cr1", (), design, outcome=outcomes, **sections)


def refused(frame: pd.DataFrame, folder: Path, given: AnalysisPlan) -> list[Finding]:
    with pytest.raises(DataError) as caught:
        make(given, [csv(frame, folder)])
    return list(caught.value.findings)


def without(frame: pd.DataFrame, *places: int) -> pd.DataFrame:
    """The rows with the second outcome missing in some of them."""
    return frame.assign(happy=frame["happy"].astype(float).mask(np.isin(np.arange(len(frame)), places)))


def test_the_covariates_of_one_person_who_lacks_one_of_two_outcomes_are_found(tmp_path: Path) -> None:
    both = stated(["age", "income"], ["age", "income"], "cluster_randomised", data=TRIAL)
    found = refused(without(trial(), 5), tmp_path, both)
    assert [one.where for one in found] == ["A"]
    assert "People of cluster A who count for only one of score and happy: 1" in found[0].text()
    assert found[0].text().endswith("State the covariates that score and happy share for one of them only.")
    assert make(both, [csv(trial(), tmp_path)]).clusters == {"A", "B", "C", "D"}


def test_five_people_who_lack_one_outcome_pass_and_four_do_not(tmp_path: Path) -> None:
    both = stated(["age"], ["age"], "cluster_randomised", data=TRIAL)
    assert make(both, [csv(without(trial(), 1, 2, 3, 4, 5), tmp_path)]).clusters == {"A", "B", "C", "D"}
    assert (
        "People of cluster A who count for only one of score and happy: 4"
        in refused(without(trial(), 1, 2, 3, 4), tmp_path, both)[0].text()
    )


def test_a_merge_adds_people_who_lack_one_outcome(tmp_path: Path) -> None:
    both = stated(["age"], ["age"], "cluster_randomised", data=TRIAL)
    frame = without(trial(), 1, 2, 3, 41, 42, 43)
    found = refused(frame, tmp_path, both)
    assert "Add --merge A=B." in found[0].text()
    assert make(both, [csv(frame, tmp_path)], merged={"A": "B"}).merged == (("A", "B"),)


def test_outcomes_that_share_no_covariate_may_lose_different_people(tmp_path: Path) -> None:
    apart = stated(["age"], ["income"], "cluster_randomised", data=TRIAL)
    assert make(apart, [csv(without(trial(), 5), tmp_path)]).clusters == {"A", "B", "C", "D"}


def test_few_who_lack_an_outcome_in_one_period_are_found_where_periods_are_summed_apart(tmp_path: Path) -> None:
    frame = pilot(1, 40, lost=0.0)[0]
    by_cluster = {"working_model": "fixed_effects", "fixed_effects": ["cluster", "period"]}
    both = stated(["age"], ["age"], model=by_cluster)
    early, late = [4 * person for person in range(6)], [4 * person + 3 for person in range(10, 16)]
    assert make(both, [csv(without(frame, *early, *late), tmp_path)]).clusters == {"0101"}
    lost = without(frame, *early, late[0])
    assert (
        "People of cluster 0101 who count for only one of score and happy: 1" in refused(lost, tmp_path, both)[0].text()
    )
    assert make(stated(["age"], ["age"]), [csv(lost, tmp_path)]).clusters == {"0101"}


def test_one_person_of_a_panel_who_lacks_an_outcome_is_found(tmp_path: Path) -> None:
    (frame,) = pilot(1, 40)
    lost = frame.assign(happy=frame["happy"].where(frame["person"] != "0-4"))
    assert (
        "People of cluster 0101 who count for only one of score and happy: 1"
        in refused(lost, tmp_path, stated(["age"], ["age"]))[0].text()
    )
    assert make(stated(["age"], []), [csv(lost, tmp_path)]).clusters == {"0101"}


def test_two_percent_missing_of_one_outcome_beside_an_adjusted_one_is_harmless(tmp_path: Path) -> None:
    frame = pd.concat(pilot(6, 400, 8, lost=0.0), ignore_index=True)
    random = np.random.Generator(np.random.PCG64(6))
    frame["happy"] = frame["happy"].where(random.uniform(size=len(frame)) >= 0.02)
    moments = made(frame, tmp_path, stated(["age"], []))
    assert all(least == 5.0 for one in moments.outcomes for least in one.least or (0.0,))


def test_a_covariate_in_another_form_or_as_an_outcome_is_shared(tmp_path: Path) -> None:
    frame = without(trial(), 5)
    for first, second in ((["age"], ["age^2"]), (["income"], ["score"])):
        both = stated(first, second, "cluster_randomised", data=TRIAL)
        said = refused(frame, tmp_path, both)[0].text()
        assert "People of cluster A who count for only one of score and happy: 1" in said
