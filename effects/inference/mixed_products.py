"""Mixed models from sums: the cross-products of all rows and the sums of each cell are all that their likelihood needs.

With columns X and outcome y, R'R = X'X and e the residual of least squares, the orthonormal columns and e are
[X, y] T for a small matrix T; so are their means by cell, and their products about these.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import solve_triangular

from effects.codes import Reason
from effects.inference.gram_fit import LEAST_EIGENVALUE
from effects.inference.mixed_blocks import Blocks
from effects.inference.mixed_model import Fixed, MixedFit, fit_at, optimum_of, too_wide
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers

_NO_VARIATION: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CellModel:
    """A linear model as sums over its rows; the outcome stands last among the k + 1 columns.

    Shapes: products (k+1, k+1) of all rows; of C cells, which lie in clusters: sums (C, k+1), rows (C,) and cluster
    (C,), codes ascending without gaps. `effect` is the column whose coefficient is the answer.
    """

    products: Numbers
    sums: Numbers
    rows: Codes
    cluster: Codes
    names: tuple[str, ...]
    effect: int


@dataclass(frozen=True, slots=True)
class _Basis:
    """Least squares from products, and T (k+1, k+1) from the columns to the orthonormal ones and the residual."""

    fixed: Fixed
    turn: Numbers
    scale: float


def fit_cells(model: CellModel, *, nested: bool) -> MixedFit | Obstacle:
    """Fit the random effects of clusters and, where `nested`, of cells; refuses what `fit_mixed` refuses."""
    basis = too_wide(int(model.rows.sum()), len(model.names)) or _basis(model)
    if isinstance(basis, Obstacle):
        return basis
    found = optimum_of(lambda cells: _blocks(model, basis, nested=cells), nested=nested, alike=True)
    if isinstance(found, Obstacle):
        return found
    at, slope = found
    return fit_at(at, slope, basis.fixed, merged=nested and not at.terms.blocks.nested)


def _basis(model: CellModel) -> _Basis | Obstacle:
    columns, rows = len(model.names), int(model.rows.sum())
    if rows <= columns:
        return Obstacle(
            Reason.TOO_FEW_ROWS,
            Message("{rows} rows for {coefficients} coefficients", {"rows": rows, "coefficients": columns}),
            Message("at least {rows} complete rows", {"rows": columns + 1}),
        )
    products, crossed = model.products[:columns, :columns], model.products[:columns, columns]
    norms = np.sqrt(np.maximum(np.diag(products), 0.0))
    scale = np.where(norms > 0.0, norms, 1.0)
    scaled = products / np.outer(scale, scale)
    if np.linalg.eigvalsh(scaled)[0] < LEAST_EIGENVALUE:
        return _refused(Reason.COLLINEAR, Message("the columns determine each other, or nearly so"))
    upper = np.linalg.cholesky(scaled).T
    inverse = solve_triangular(upper, np.eye(columns)) / scale[:, None]
    coefficients = inverse @ (inverse.T @ crossed)
    coefficients = coefficients + inverse @ (inverse.T @ (crossed - products @ coefficients))
    turn = np.zeros((columns + 1, columns + 1))
    turn[:columns, :columns] = inverse
    turn[:columns, columns], turn[columns, columns] = -coefficients, 1.0
    left = float(turn[:, columns] @ model.products @ turn[:, columns])
    if left <= _NO_VARIATION * model.products[columns, columns]:
        return _refused(Reason.NO_RESIDUAL_VARIATION, Message("the model reproduces the outcome without error"))
    spread = float(np.sqrt(left / rows))
    turn[:, columns] /= spread
    log_determinant = 2.0 * float(np.sum(np.log(np.abs(np.diag(inverse)))))
    return _Basis(Fixed(coefficients, inverse.T, log_determinant), turn, spread)


def _blocks(model: CellModel, basis: _Basis, *, nested: bool) -> Blocks:
    starts = np.unique(model.cluster, return_index=True)[1].astype(np.int64)
    sums, size, cluster = model.sums, model.rows.astype(np.float64), model.cluster
    if not nested:
        sums, size = np.add.reduceat(sums, starts, axis=0), np.add.reduceat(size, starts)
        cluster, starts = np.arange(len(starts)), np.arange(len(starts))
    means = sums / size[:, None]
    within = basis.turn.T @ (model.products - means.T @ sums) @ basis.turn
    within = (within + within.T) / 2.0
    return Blocks(within, means @ basis.turn, size, cluster, starts, int(model.rows.sum()), basis.scale, nested)


def _refused(reason: Reason, detail: Message) -> Obstacle:
    return Obstacle(reason, detail, Message("the rows themselves, or a plan that these moments can carry"))
