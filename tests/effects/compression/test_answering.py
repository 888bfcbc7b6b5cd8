from pathlib import Path

import pytest

from effects.codes import AnalysisRole
from effects.compression.answering import answer_from
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable
from tests.effects.compression.panels import Shape, by_cluster, moments, panel, plan, settings_of
from tests.effects.compression.test_groups import change, did

FRAME = panel(Shape(seed=3, clusters=8, units=4, periods=5, lost=0.1, level=0.0, parts=1))


@pytest.mark.parametrize(
    ("stated", "beside"),
    [
        (plan("cluster_randomised", "cr2"), ["reml_random_intercept", "cluster_weighted"]),
        (plan("stepped_wedge", "cr1"), ["needs_rows"] * 3),
        (did("cr1"), ["needs_rows"]),
    ],
)
def test_what_stands_beside_the_effect_is_answered_or_says_that_it_needs_rows(
    stated: AnalysisPlan, beside: list[str], tmp_path: Path
) -> None:
    frame = change(0.0) if stated.design == "two_period_did" else FRAME
    frame = frame[frame["unit"].str.endswith(("u0", "u1"))] if stated.design == "two_period_did" else frame
    frame = frame[frame["cluster"] < "c9"] if stated.design == "two_period_did" else frame
    frame = by_cluster(frame) if stated.design == "cluster_randomised" else frame
    kept = moments(frame, tmp_path, stated)
    entries, checks = answer_from(kept.outcomes[0], kept.rows, stated, settings_of(stated))
    assert isinstance(entries[0], EffectEstimate)
    assert all(entry.analysis is AnalysisRole.SENSITIVITY for entry in entries[1:])
    assert [
        entry.reason.value if isinstance(entry, NotEstimable) else entry.estimator for entry in entries[1:]
    ] == beside
    assert "compression" in [check.name for check in checks]


def test_ten_treated_units_need_no_placebos(tmp_path: Path) -> None:
    kept = moments(change(0.0), tmp_path, did("cr1"))
    assert len(answer_from(kept.outcomes[0], kept.rows, did("cr1"), settings_of(did("cr1")))[0]) == 1


def test_nothing_stands_beside_what_has_no_answer(tmp_path: Path) -> None:
    stated = plan("cluster_randomised", "cr1")
    kept = moments(by_cluster(FRAME)[lambda rows: rows["cluster"] < "c3"], tmp_path, stated)
    entries, _ = answer_from(kept.outcomes[0], kept.rows, stated, settings_of(stated))
    assert [type(entry) for entry in entries] == [NotEstimable]
