from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.compression.compress import compress
from effects.compression.relation import open_relation
from effects.federation.people import Members, members_of, sums_by_arm
from effects.federation.spanning import rank_of
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from tests.effects.compression.panels import parquet
from tests.effects.federation.pilot import ROLES, pilot, plan


def looked_at(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan) -> tuple[Moments, dict[str, Members]]:
    """The moments of the rows, and the people behind the first outcome."""
    path = parquet(frame, folder / "rows.parquet")
    found = compress([path], stated, settle(stated)[0])
    assert isinstance(found, Moments), str(found)
    with open_relation([path]) as relation:
        return found, members_of(relation, stated, stated.outcomes[0], found.outcomes[0])


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.concat(pilot(4, 9, seed=5), ignore_index=True)


@pytest.mark.parametrize("covariates", [[], ["age"], ["age", "age^2", "rare"]])
def test_the_vectors_of_the_people_give_the_products_that_leave(
    covariates: list[str], frame: pd.DataFrame, tmp_path: Path
) -> None:
    found, members = looked_at(frame, tmp_path, plan("cr1", covariates))
    grams = found.outcomes[0].grams
    assert tuple(members) == grams.clusters
    for cluster, products in zip(grams.clusters, grams.products, strict=True):
        own = sum(one.people * one.vectors.T @ one.vectors for one in members[cluster].groups)
        assert own == pytest.approx(products[:-1, :-1], abs=1e-9)
        assert members[cluster].people == frame[frame["municipality"] == cluster]["person"].nunique()


def test_people_observed_and_treated_alike_are_one_group(frame: pd.DataFrame, tmp_path: Path) -> None:
    _, members = looked_at(frame, tmp_path, plan())
    patterns = frame.groupby("person")["term"].agg(tuple)
    for cluster, own in members.items():
        here = patterns[frame[frame["municipality"] == cluster]["person"].unique()]
        assert len(own.groups) == here.nunique()
        assert own.people == len(here)


def test_people_are_counted_as_the_plan_states_the_fewest_in_any_row(frame: pd.DataFrame, tmp_path: Path) -> None:
    counted = frame.assign(people=np.where(frame["term"] == 2, 3, 7))
    _, members = looked_at(counted, tmp_path, plan("cr1", data={**ROLES, "persons": "people"}))
    fewest = counted.groupby(["municipality", "person"])["people"].min().groupby("municipality").sum()
    assert {cluster: own.people for cluster, own in members.items()} == fewest.to_dict()


def test_where_no_unit_is_stated_every_row_is_somebody(frame: pd.DataFrame, tmp_path: Path) -> None:
    whole = frame.assign(treated=frame["municipality"].isin(["0101", "0102"]).astype(int))
    stated = plan("cr2", (), "cluster_randomised", data={"cluster": "municipality", "treated": "treated"})
    _, members = looked_at(whole, tmp_path, stated)
    assert {cluster: own.people for cluster, own in members.items()} == whole["municipality"].value_counts().to_dict()
    assert all(rank_of(own.groups) <= 2 for own in members.values())


def test_sums_by_arm_stand_on_the_people_of_each_arm(frame: pd.DataFrame, tmp_path: Path) -> None:
    once = frame.drop_duplicates("person").reset_index(drop=True)
    once["treated"] = np.arange(len(once)) % 2
    stated = plan("hc2", (), "individual_randomised", data={"treated": "treated"})
    found, members = looked_at(once, tmp_path, stated)
    assert sums_by_arm(stated)
    assert not sums_by_arm(plan())
    assert {arm: own.people for arm, own in members.items()} == {
        "0": (once["treated"] == 0).sum(),
        "1": (once["treated"] == 1).sum(),
    }
    assert found.outcomes[0].grams.squared
    assert all(own.squared for own in members.values())


def test_interactions_of_an_adjusted_trial_are_among_the_columns(frame: pd.DataFrame, tmp_path: Path) -> None:
    once = frame.drop_duplicates("person").reset_index(drop=True)
    once["treated"] = np.arange(len(once)) % 2
    roles = {"treated": "treated", "cluster": "municipality"}
    stated = plan("cr1", ["age"], "individual_randomised", data=roles)
    found, members = looked_at(once, tmp_path, stated)
    assert "treated x term:age" in found.outcomes[0].grams.names
    assert {rank_of(own.groups) for own in members.values()} == {4}


def test_the_groups_of_a_difference_in_differences_are_among_the_columns(tmp_path: Path) -> None:
    frame = pd.concat(pilot(4, 9, lost=0.0), ignore_index=True)
    two = frame.assign(late=(frame["term"] > 1).astype(int))
    two["treated"] = two["late"] * two["municipality"].isin(["0101", "0102"])
    roles = {"unit": "person", "period": "late", "cluster": "municipality", "treated": "treated"}
    found, members = looked_at(two, tmp_path, plan("cr1", (), "two_period_did", data=roles, estimand="att"))
    assert "group" in found.outcomes[0].grams.names
    ranks = {cluster: rank_of(own.groups) for cluster, own in members.items()}
    assert ranks == {"0101": 2, "0102": 2, "0103": 2, "0104": 2}


def test_two_clusters_add() -> None:
    one, other = Members(3.0, (), squared=False), Members(4.0, (), squared=True)
    assert one + other == Members(7.0, (), squared=True)
