from pathlib import Path

import numpy as np
import pytest

from effects.compression.blocks import block_question, blocks_of, grams_of_blocks
from effects.compression.relation import open_relation
from effects.compression.sampling import columns_of, sample_of
from effects.moments import CONSTANT, OUTCOME, TREATED
from tests.effects.compression.panels import Shape, panel, parquet, plan

FRAME = panel(Shape(seed=2, clusters=5, units=3, periods=4, lost=0.2, level=5.0, parts=1))


def test_cross_products_are_those_of_the_written_out_columns(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1", ["x"])
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, stated, stated.outcomes[0], whole=True)
        columns = columns_of(sample, interacted=False)
        blocks = blocks_of(relation.gather(block_question(sample.rows, columns, "g", "p"))[0], columns)
    grams = grams_of_blocks(blocks, columns, "period", dict.fromkeys(blocks.clusters, 3))
    assert grams.names == (TREATED, CONSTANT, "term:x", *(f"period:{place}" for place in range(4)), OUTCOME)
    for place, cluster in enumerate(grams.clusters):
        own = FRAME[FRAME["cluster"] == cluster]
        written = np.column_stack(
            [
                own["treated"],
                np.ones(len(own)),
                own["x"] - grams.origin[2],
                *((own["period"] == period).astype(float) for period in range(4)),
                own["y"] - grams.origin[-1],
            ]
        )
        assert grams.products[place] == pytest.approx(written.T @ written, abs=1e-9)
    assert grams.rows.tolist() == FRAME.groupby("cluster").size().tolist()
    assert grams.treated.tolist() == FRAME.groupby("cluster")["treated"].sum().tolist()


def test_without_clusters_or_levels_there_is_one_block(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1")
    with open_relation([parquet(FRAME, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, stated, stated.outcomes[0], whole=True)
        columns = columns_of(sample, interacted=False)
        blocks = blocks_of(relation.gather(block_question(sample.rows, columns))[0], columns)
    assert (blocks.rows.tolist(), blocks.clusters) == ([len(FRAME)], ("all",))
    grams = grams_of_blocks(blocks, columns, None, {"all": 15})
    assert grams.names == (TREATED, CONSTANT, OUTCOME)
    assert grams.products[0, 0, 0] == FRAME["treated"].sum()


def test_numbered_clusters_are_named_and_sorted_alike(tmp_path: Path) -> None:
    frame = FRAME.assign(cluster=FRAME["cluster"].str.removeprefix("c").astype(int) * 7)
    stated = plan("stepped_wedge", "cr1")
    with open_relation([parquet(frame, tmp_path / "rows.parquet")]) as relation:
        sample = sample_of(relation, stated, stated.outcomes[0], whole=True)
        columns = columns_of(sample, interacted=False)
        blocks = blocks_of(relation.gather(block_question(sample.rows, columns, "g", "p"))[0], columns)
    assert blocks.clusters == ("0", "14", "21", "28", "7")
    sums = {name: int(blocks.rows[blocks.cluster == place].sum()) for place, name in enumerate(blocks.clusters)}
    assert sums == {str(name): size for name, size in frame.groupby("cluster").size().items()}
