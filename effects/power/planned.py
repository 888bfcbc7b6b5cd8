"""What a pilot that is being planned looks like: the keys of DESIGN.toml, read and checked all at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from effects.codes import Design
from effects.errors import EffectsError, Finding
from effects.planning.reading import TableReader

MOST_CLUSTERS: Final = 1_000_000
MOST_PERIODS: Final = 1_000
SEQUENCED: Final = frozenset({Design.STEPPED_WEDGE, Design.STAGGERED_ADOPTION})
"""Designs whose clusters are counted by sequence or cohort, in the order in which these start."""
ALONE: Final = frozenset({Design.INTERRUPTED_TIME_SERIES, Design.BEFORE_AFTER, Design.SURVEY_BEFORE_AFTER})
"""Designs with one group of clusters, compared with itself."""
STARTING: Final = SEQUENCED | {
    Design.INTERRUPTED_TIME_SERIES,
    Design.CONTROLLED_INTERRUPTED_TIME_SERIES,
    Design.SYNTHETIC_CONTROL,
}
"""Designs in which treatment starts at a stated period."""


class PowerError(EffectsError):
    """The planned design is unreadable, incomplete or contradicts itself."""


class Spread(StrEnum):
    """What `sd` measures: everything that varies between people, or what is left within a cluster and period."""

    TOTAL = "total"
    RESIDUAL = "residual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A design with the spread of its outcome; exactly one of `effect`, `power` and `clusters` is None.

    clusters: one number for every arm or sequence, or one each (treated before untreated; the donors of a synthetic
    control are its untreated). size: people of a cluster in a period; size_cv their coefficient of variation.
    icc: correlation of two people of a cluster in the same period; tau states the SD of the lasting cluster effect
    instead. cac: how much of it lasts from period to period; iac: correlation of a person with himself, 0 where others
    are asked each time; autocorrelation: of a cluster's successive means about its level (AR1). proportions:
    (untreated, treated) or the untreated alone. explained: share of the variance that covariates take away.
    """

    design: Design
    clusters: tuple[int, ...] | None = None
    size: float = 1.0
    size_cv: float = 0.0
    periods: int = 2
    starts: tuple[int, ...] = ()
    never_treated: int = 0
    icc: float | None = None
    tau: float | None = None
    cac: float | None = None
    iac: float = 0.0
    autocorrelation: float = 0.0
    sd: float | None = None
    sd_kind: Spread | None = None
    proportions: tuple[float, ...] = ()
    explained: float = 0.0
    weight_cv: float = 0.0
    population: float | None = None
    effect: float | None = None
    level: float = 0.95
    power: float | None = None

    @property
    def spread(self) -> Spread:
        """What `sd` measures: stated, or as the literature of the design has it (residual in a stepped wedge)."""
        usual = Spread.RESIDUAL if self.design is Design.STEPPED_WEDGE else Spread.TOTAL
        return self.sd_kind or usual

    @property
    def first_treated(self) -> tuple[int, ...]:
        """First treated period, counted from 1, of each sequence: stated, or one after the other from period 2."""
        if self.starts or self.design not in STARTING:
            return self.starts
        if self.design not in SEQUENCED:
            return (self.periods // 2 + 1,)
        sequences = self.periods - 1 if self.clusters is None or len(self.clusters) < 2 else len(self.clusters)
        return tuple(range(2, sequences + 2))

    @property
    def groups(self) -> int:
        """Number of arms or sequences whose clusters are counted."""
        if self.design in SEQUENCED:
            return len(self.first_treated)
        return 1 if self.design in ALONE else 2


def read_planned(mapping: Mapping[str, object]) -> Planned:
    """The design that a mapping states; PowerError with every finding, unknown keys among them."""
    findings: list[Finding] = []
    reader = TableReader(mapping, "", findings)
    reader.text("schema")
    planned = Planned(
        design=reader.code("design", Design, required=True) or Design.INDIVIDUAL_RANDOMISED,
        clusters=_counts(reader, findings, "clusters", 1, MOST_CLUSTERS) or None,
        size=_bounded(reader, findings, "size", 1.0, 1e9, 1.0),
        size_cv=_bounded(reader, findings, "size_cv", 0.0, 100.0, 0.0),
        periods=reader.count("periods", least=2, most=MOST_PERIODS) or 2,
        starts=_counts(reader, findings, "starts", 2, MOST_PERIODS),
        never_treated=reader.count("never_treated", least=0, most=MOST_CLUSTERS) or 0,
        icc=_number(reader, findings, "icc", 0.0, 0.999),
        tau=_number(reader, findings, "tau", 0.0, 1e12),
        cac=_number(reader, findings, "cac", 0.0, 1.0),
        iac=_bounded(reader, findings, "iac", 0.0, 0.999, 0.0),
        autocorrelation=_bounded(reader, findings, "autocorrelation", -0.99, 0.99, 0.0),
        sd=_number(reader, findings, "sd", 1e-12, 1e12),
        sd_kind=reader.code("sd_kind", Spread),
        proportions=_shares(reader, findings),
        explained=_bounded(reader, findings, "explained", 0.0, 0.999, 0.0),
        weight_cv=_bounded(reader, findings, "weight_cv", 0.0, 100.0, 0.0),
        population=_number(reader, findings, "population", 1.0, 1e12),
        effect=_number(reader, findings, "effect", -1e12, 1e12),
        level=_bounded(reader, findings, "level", 0.5, 0.9999, 0.95),
        power=_number(reader, findings, "power", 0.05, 0.9999),
    )
    reader.close()
    reported = {finding.where.partition("[")[0] for finding in findings}
    findings.extend(found for found in contradictions(planned) if not reported & {found.where, "design"})
    if findings:
        raise PowerError(findings)
    return planned


def contradictions(planned: Planned) -> Iterator[Finding]:
    """Everything in a planned design that cannot be meant together, or that is missing."""
    yield from _unknowns(planned)
    yield from _spread(planned)
    yield from _shape(planned)


def _unknowns(planned: Planned) -> Iterator[Finding]:
    stated_effect = planned.effect if len(planned.proportions) < 2 else planned.proportions[1] - planned.proportions[0]
    fixed = planned.design is Design.INTERRUPTED_TIME_SERIES
    unknown = [stated_effect, planned.power, 1 if fixed else planned.clusters].count(None)
    if unknown != 1:
        yield Finding(
            where="effect, power, clusters",
            code="not_one_unknown",
            message="{unknown} of effect, power and clusters are missing.",
            remedy="Leave out exactly the one that is to be solved for.",
            params={"unknown": unknown},
        )
    if planned.power is not None and planned.power <= 1.0 - planned.level:
        message, remedy = "A test without any effect already rejects as often as this power.", "State a higher power."
        yield Finding("power", "power_below_size", message, remedy)
    if planned.effect is not None and len(planned.proportions) == 2:
        yield Finding(
            "effect", "stated_twice", "Two proportions are an effect already.", "State one proportion or no effect."
        )
    if stated_effect == 0.0:
        yield Finding(
            "effect", "no_effect", "An effect of 0 is not to be detected.", "State the smallest that matters."
        )


def _spread(planned: Planned) -> Iterator[Finding]:
    if (planned.sd is None) is (not planned.proportions):
        message, remedy = "Either sd or proportions must be stated.", "State how far the outcome spreads, once."
        yield Finding("sd", "spread_not_stated_once", message, remedy)
    if planned.icc is not None and planned.tau is not None:
        yield Finding("tau", "stated_twice", "icc and tau state the same.", "State one of them.")
    if planned.tau is not None and (planned.cac == 0.0 or _beyond_total(planned)):
        message, remedy = (
            "The lasting cluster effect exceeds what varies at all.",
            "State a smaller tau, or icc and cac.",
        )
        yield Finding("tau", "tau_exceeds_spread", message, remedy)
    effect = planned.effect
    if len(planned.proportions) == 1 and effect is not None and not 0.0 < planned.proportions[0] + effect < 1.0:
        yield Finding(
            "effect", "no_proportion", "The effect leaves no proportion between 0 and 1.", "State a smaller effect."
        )


def _beyond_total(planned: Planned) -> bool:
    if planned.spread is Spread.RESIDUAL or planned.tau is None:
        return False
    total = planned.sd**2 if planned.sd is not None else min((p * (1 - p) for p in planned.proportions), default=0.0)
    return planned.tau**2 >= total * (1.0 if planned.cac is None else planned.cac)


def _shape(planned: Planned) -> Iterator[Finding]:
    clusters, starts = planned.clusters or (1,), planned.first_treated
    if len(clusters) not in (1, planned.groups):
        yield Finding(
            where="clusters",
            code="wrong_number_of_groups",
            message="{stated} numbers of clusters are stated for {groups} arms or sequences.",
            remedy="State one number for all, or one for each.",
            params={"stated": len(clusters), "groups": planned.groups},
        )
    if starts and (max(starts) > planned.periods or len(set(starts)) < len(starts)):
        yield Finding(
            where="periods",
            code="sequences_do_not_fit",
            message="{sequences} sequences do not start within {periods} periods.",
            remedy="State more periods, or the first treated period of each sequence in starts.",
            params={"sequences": len(starts), "periods": planned.periods},
        )
    if planned.design is Design.STAGGERED_ADOPTION and planned.never_treated == 0 and len(starts) < 2:
        yield Finding(
            "never_treated", "no_comparison", "Nobody is there to compare with.", "State never_treated or more cohorts."
        )
    if planned.starts and planned.design not in STARTING:
        yield Finding(
            where="starts",
            code="key_not_for_design",
            message="A {design} design takes no {key}.",
            remedy="Remove it.",
            params={"design": planned.design.value, "key": "starts"},
        )


def _counts(reader: TableReader, findings: list[Finding], key: str, least: int, most: int) -> tuple[int, ...]:
    """A whole number or a list of them, repetitions allowed."""
    stated = _listed(reader, key)
    right = tuple(item for item in stated if type(item) is int and least <= item <= most)
    if len(right) == len(stated) <= MOST_PERIODS:
        return right
    findings.append(
        Finding(
            where=reader.at(key),
            code="not_a_count",
            message="{key} must be a whole number from {least} to {most}.",
            params={"key": key, "least": least, "most": most},
        )
    )
    return ()


def _shares(reader: TableReader, findings: list[Finding]) -> tuple[float, ...]:
    stated = _listed(reader, "proportions")
    right = tuple(item for item in stated if isinstance(item, float) and 0.0 < item < 1.0)
    if len(right) == len(stated) <= 2:
        return right
    message, remedy = "These are not one or two proportions.", "Write numbers between 0 and 1, the untreated first."
    findings.append(Finding(reader.at("proportions"), "not_proportions", message, remedy))
    return ()


def _listed(reader: TableReader, key: str) -> list[object]:
    """What a key holds as a list; an empty list holds None, which is nothing that can be read."""
    value = reader.take(key)
    if value is None:
        return []
    return list(value) or [None] if isinstance(value, list | tuple) else [value]


def _bounded(
    reader: TableReader, findings: list[Finding], key: str, least: float, most: float, default: float
) -> float:
    value = _number(reader, findings, key, least, most)
    return default if value is None else value


def _number(reader: TableReader, findings: list[Finding], key: str, least: float, most: float) -> float | None:
    value = reader.number(key)
    if value is None or least <= value <= most:
        return value
    findings.append(
        Finding(
            where=reader.at(key),
            code="out_of_range",
            message="{key} must lie from {least:g} to {most:g}.",
            params={"key": key, "least": least, "most": most},
        )
    )
    return None
