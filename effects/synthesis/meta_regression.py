"""What tells studies apart: meta-regression on numbers and subgroups by texts, REML with Knapp and Hartung's errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from scipy.special import fdtrc

from effects.message import Message
from effects.rows.columns import Numbers, label
from effects.synthesis.answers import MOST_STUDIES, Answer, Unanswered, answer, too_many
from effects.synthesis.heterogeneity import QTest, q_test, reml
from effects.synthesis.marginal import Marginal, Weighted, mean_only
from effects.synthesis.random_effects import capped

_COLLINEAR: Final = 1e-9

_STANDING: Final = Message(
    "Studies were not assigned to a moderator: this compares studies, and counts only where it was named beforehand."
)

Values: TypeAlias = Sequence[float] | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One coefficient, or the mean of one subgroup with its number of studies."""

    name: str
    studies: int | None
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class FTest:
    """Do the moderators explain anything: all slopes, or all differences between subgroups, are zero."""

    statistic: float
    df1: int
    df2: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A mixed-effects regression; tau2 is what the moderators leave, in the outcome's unit squared.

    `explained` is the share of tau2 that they take away, None where there was none.
    """

    kind: Literal["regression"] = "regression"
    moderators: tuple[str, ...]
    terms: tuple[Term, ...]
    test: FTest
    tau2: float
    explained: float | None
    residual: QTest
    note: Message | None
    standing: Message = _STANDING


Regressed: TypeAlias = Regression | Unanswered


def meta_regression(
    estimates: Numbers, variances: Numbers, moderators: Mapping[str, Values], level: float
) -> Regressed:
    """Regress on all these moderators at once: numbers as slopes, texts as differences from their first level.

    A single moderator of texts gives the mean of each subgroup instead, all with one tau2, and the test between them.
    """
    ones = np.ones((len(estimates), 1))
    columns = {name: _columns(name, values) for name, values in moderators.items()}
    grouped = len(moderators) == 1 and _is_text(next(iter(moderators.values())))
    tested = {key: column for own in columns.values() for key, column in own.items()}
    design = np.column_stack([ones, *tested.values()])
    if obstacle := _obstacle(design, tuple(moderators)):
        return obstacle
    model = Marginal(estimates, variances, design)
    tau2 = reml(model)
    fit = model.at(tau2)
    factor = max(1.0, fit.q / model.df)
    if grouped:
        levels = _levels(next(iter(moderators.values())))
        means = Marginal(estimates, variances, np.column_stack(list(levels.values()))).at(tau2)
        terms = _terms(levels, means, factor, model.df, level, counted=True)
    else:
        terms = _terms({"intercept": ones[:, 0], **tested}, fit, factor, model.df, level, counted=False)
    return Regression(
        moderators=tuple(moderators),
        terms=terms,
        test=_test(fit, factor, model.df),
        tau2=tau2,
        explained=_explained(mean_only(estimates, variances), tau2),
        residual=q_test(model),
        note=capped(fit.q, model.df),
    )


def _terms(
    columns: Mapping[str, Numbers], fit: Weighted, factor: float, df: int, level: float, *, counted: bool
) -> tuple[Term, ...]:
    return tuple(
        Term(
            name=name,
            studies=int(np.sum(column)) if counted else None,
            answer=answer(
                "reml_knapp_hartung",
                float(fit.coefficients[place]),
                float(fit.covariance[place, place] * factor) ** 0.5,
                level,
                df=float(df),
                tau2=None,
            ),
        )
        for place, (name, column) in enumerate(columns.items())
    )


def _test(fit: Weighted, factor: float, df: int) -> FTest:
    slopes, covariance = fit.coefficients[1:], factor * fit.covariance[1:, 1:]
    statistic = float(slopes @ np.linalg.solve(covariance, slopes)) / len(slopes)
    return FTest(
        statistic=statistic, df1=len(slopes), df2=df, p_value=float(fdtrc(len(slopes), df, max(0.0, statistic)))
    )


def _explained(model: Marginal, left: float) -> float | None:
    total = reml(model)
    return max(0.0, 1.0 - left / total) if total > 0.0 else None


def _obstacle(design: Numbers, moderators: tuple[str, ...]) -> Unanswered | None:
    rows, columns = design.shape
    if rows > MOST_STUDIES:
        return too_many(rows)
    if rows <= columns:
        return Unanswered(
            detail=Message(
                "{studies} studies cannot carry {terms} coefficients and a variance between studies.",
                {"studies": rows, "terms": columns},
            ),
            needs=Message("at least {studies} studies, or fewer moderators", {"studies": columns + 1}),
        )
    scaled = design / np.maximum(np.linalg.norm(design, axis=0), np.finfo(np.float64).tiny)
    if columns == 1 or np.linalg.svd(scaled, compute_uv=False)[-1] <= _COLLINEAR:
        return Unanswered(
            detail=Message(
                "The studies do not differ in {moderators}, or one repeats another.",
                {"moderators": ", ".join(moderators)},
            ),
            needs=Message("moderators that vary between studies, each in its own way"),
        )
    return None


def _columns(name: str, values: Values) -> dict[str, Numbers]:
    if not _is_text(values):
        return {name: np.array([float(value) for value in values])}
    return {f"{name}[{level}]": column for level, column in list(_levels(values).items())[1:]}


def _levels(values: Values) -> dict[str, Numbers]:
    texts = [label(value) for value in values]
    return {level: np.array([float(text == level) for text in texts], dtype=np.float64) for level in sorted(set(texts))}


def _is_text(values: Values) -> bool:
    return any(isinstance(value, str) for value in values)
