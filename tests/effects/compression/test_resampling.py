from pathlib import Path

import pandas as pd
import pytest

from effects import analyse
from effects.compression.answers import entry_from
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate
from tests.effects.compression.panels import Shape, by_cluster, moments, panel, plan, settings_of

FRAME = panel(Shape(seed=5, clusters=9, units=3, periods=4, lost=0.1, level=0.0, parts=1))
DRAWS: dict[str, object] = {"standard_error": "cr1", "bootstrap": {"kind": "wild", "draws": 199}, "seed": 4}
WEDGE: dict[str, object] = {"working_model": "fixed_effects"}
BOTH = {**DRAWS, "permutation": {"draws": 199}}


@pytest.mark.parametrize(
    ("frame", "stated"),
    [
        (FRAME, plan("stepped_wedge", "cr1", ["x"], inference=DRAWS)),
        (FRAME, plan("stepped_wedge", "cr1", inference=BOTH)),
        (FRAME, plan("stepped_wedge", "cr1", ["x"], inference=BOTH)),
        (FRAME, plan("stepped_wedge", "cr1", ["x"], inference=BOTH, model={**WEDGE, "fixed_effects": ["period"]})),
        (FRAME, plan("stepped_wedge", "cr1", inference=BOTH, model={**WEDGE, "fixed_effects": ["cluster", "period"]})),
        (by_cluster(FRAME), plan("cluster_randomised", "cr1", ["x"], inference=BOTH)),
        (by_cluster(FRAME), plan("cluster_randomised", "cr1", inference=BOTH)),
    ],
)
def test_resampled_p_values_are_those_of_the_rows(tmp_path: Path, frame: pd.DataFrame, stated: AnalysisPlan) -> None:
    expected = analyse(frame, stated).estimates[0]
    found = entry_from(moments(frame, tmp_path, stated).outcomes[0], stated, settings_of(stated))
    assert isinstance(expected, EffectEstimate)
    assert isinstance(found, EffectEstimate)
    assert found.p_bootstrap == expected.p_bootstrap is not None
    assert found.p_permutation == expected.p_permutation
    assert (found.p_permutation is None) is (stated.inference.permutation is None)
    assert [str(note) for note in found.note or ()] == [str(note) for note in expected.note or ()]
