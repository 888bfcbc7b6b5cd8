from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.analyse import analyse
from effects.federation.centring import at_means
from effects.plan import AnalysisPlan
from tests.effects.federation.pilot import made, pilot, plan

TRIAL = {"unit": "person", "cluster": "municipality", "treated": "treated"}


def trial(offset: float = 0.0) -> pd.DataFrame:
    """One row of each person, whole municipalities treated; the outcome far from zero where asked."""
    frame = pd.concat(pilot(8, 40, lost=0.0), ignore_index=True).drop_duplicates("person").reset_index(drop=True)
    frame["treated"] = frame["municipality"].isin(["0101", "0103", "0105", "0107"]).astype(int)
    frame["score"] += offset
    return frame


@pytest.fixture(scope="module")
def wide() -> AnalysisPlan:
    return plan("cr1", ["age"], "cluster_randomised", data=TRIAL)


def test_the_largest_value_of_one_person_cannot_be_read_off_what_was_subtracted(
    wide: AnalysisPlan, tmp_path: Path
) -> None:
    frame = trial()
    frame["score"] = np.maximum(frame["score"].round(2), 0.0)
    frame.loc[17, "score"] = 731345.25
    for outcome in made(frame, tmp_path, wide).outcomes:
        grams = outcome.grams
        means = {"outcome": frame[outcome.outcome].mean(), "term:age": frame["age"].mean()}
        for name in grams.names[2:]:
            assert grams.origin[grams.column(name)] == pytest.approx(means[name], rel=1e-12, abs=1e-12)
        sums = grams.products.sum(axis=0)[grams.column("constant")]
        assert not np.any(np.abs(sums[2:]) > 1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("error", ["cr1", "cr2", "model_based"])
def test_digits_survive_however_far_from_zero_values_are(error: str, offset: float, tmp_path: Path) -> None:
    stated = plan(error, [] if error == "model_based" else ["age"], "cluster_randomised", data=TRIAL)
    frame = trial(offset)
    sums, rows = analyse(made(frame, tmp_path, stated), stated), analyse(frame, stated)
    assert (sums.estimates[0].kind, rows.estimates[0].kind) == ("estimate", "estimate")
    allowed = 1e-9 + abs(offset) * 1e-14
    assert sums.estimates[0].estimate == pytest.approx(rows.estimates[0].estimate, abs=allowed)
    assert sums.estimates[0].standard_error == pytest.approx(rows.estimates[0].standard_error, abs=allowed)


def test_a_product_with_treatment_is_less_the_mean_of_its_covariate(tmp_path: Path) -> None:
    frame = trial()
    frame["treated"] = np.arange(len(frame)) % 2
    stated = plan("cr1", ["age"], "individual_randomised", data={"treated": "treated", "cluster": "municipality"})
    grams = made(frame, tmp_path, stated).outcomes[0].grams
    origin = dict(zip(grams.names, grams.origin, strict=True))
    assert origin["treated x term:age"] == origin["term:age"] == pytest.approx(frame["age"].mean())
    own = (frame["treated"] * (frame["age"] - frame["age"].mean())).sum()
    assert grams.products.sum(axis=0)[grams.column("treated x term:age"), 1] == pytest.approx(own, abs=1e-9)


def test_distances_from_the_mean_of_each_unit_have_nothing_subtracted(tmp_path: Path) -> None:
    moments = made(pilot(1, 20)[0], tmp_path, plan("cr1", ["age"]))
    assert not moments.outcomes[0].grams.origin.any()
    assert at_means(moments).outcomes[0].grams is moments.outcomes[0].grams
