import numpy as np

from effects.linear_model import LinearModel


def test_further_columns_follow_the_old_ones_and_move_the_question() -> None:
    model = LinearModel(
        outcome=np.array([1.0, 2.0]),
        design=np.ones((2, 1)),
        names=("intercept",),
        effect=0,
        weights=np.ones(2),
        clusters=np.array([0, 1]),
        absorbed=3,
        estimator="ols",
    )
    wider = model.with_columns(np.array([[0.0, 5.0], [1.0, 6.0]]), ("level", "product"), 1)
    assert wider.names == ("intercept", "level", "product")
    assert wider.names[wider.effect] == "product"
    assert wider.design.tolist() == [[1.0, 0.0, 5.0], [1.0, 1.0, 6.0]]
    assert (wider.absorbed, wider.estimator) == (3, "ols")
    assert wider.clusters is model.clusters
