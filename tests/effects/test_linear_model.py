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


def test_asking_for_another_column_leaves_the_old_model_as_it_was() -> None:
    model = LinearModel(
        outcome=np.array([1.0, 2.0, 4.0]),
        design=np.column_stack([np.ones(3), [0.0, 1.0, 1.0]]),
        names=("intercept", "treated"),
        effect=1,
        weights=np.ones(3),
        clusters=None,
        absorbed=0,
        estimator="ols",
    )
    wider = model.with_columns(np.zeros((3, 1)), ("product",), 0)
    assert (model.names[model.effect], model.design.shape) == ("treated", (3, 2))
    assert wider.design[:, :2].tolist() == model.design.tolist()
    assert (wider.outcome is model.outcome, wider.weights is model.weights) == (True, True)
