"""A business case: what a technology costs and gains, as stated facts with their status and source.

The file form has the tables ``[business_case]``, ``[optimism]``, ``[[volume]]``, ``[[line]]``, ``[[unquantified]]`` and
``[extension]``. A figure nobody stated is not known: it is never guessed, and `value` names what it leaves open.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from effects.economics.case_checks import contradictions
from effects.economics.codes import LineKind, Payer
from effects.economics.reading import (
    complete,
    read_extension,
    read_factors,
    read_head,
    read_line,
    read_schema,
    read_unquantified,
    read_volume,
    written,
)
from effects.economics.stated import Extension, Line, Unquantified, Volume
from effects.errors import EffectsError, Finding
from effects.planning.reading import TableReader

SCHEMA: Final = "virkning-business-case/1"


class BusinessCaseError(EffectsError):
    """The business case is unreadable, incomplete or contradicts itself."""


@dataclass(frozen=True, slots=True)
class BusinessCase:
    """One version of the case of one technology.

    Amounts are in `currency` and prices of `price_year`. `payers` are those whose costs and benefits count (none named:
    all), `perspective` that in words. `horizon_years` runs from `start_year`, year 0. `phase_in` are the shares of the
    nation that use the technology in year 0, 1, ...; the last one holds from there on. The discount rate is the one in
    force on `stated_on` (ISO day) unless `discount_rate` states another. `optimism` multiplies the benefits of a kind.
    `effect_correlation` is that of the errors of the indicators' effects, each turned so that + is good.
    """

    technology: str
    title: str
    currency: str
    perspective: str
    price_year: int
    start_year: int
    horizon_years: int
    stated_on: str
    major_version: str | None = None
    payers: tuple[Payer, ...] = ()
    phase_in: tuple[float, ...] = (1.0,)
    discount_rate: float | None = None
    effect_correlation: float = 0.0
    optimism: Mapping[str, float] = field(default_factory=dict)
    volumes: tuple[Volume, ...] = ()
    lines: tuple[Line, ...] = ()
    unquantified: tuple[Unquantified, ...] = ()
    extension: Extension | None = None

    def volume(self, name: str | None) -> Volume | None:
        """The volume of that name."""
        return next((volume for volume in self.volumes if volume.name == name), None)

    def counts(self, line: Line) -> bool:
        """Whether the line's payer belongs to the perspective."""
        return not self.payers or line.payer in self.payers

    def haircut(self, line: Line) -> float:
        """What a benefit is multiplied by because benefits of its kind have been promised too high; 1 for a cost."""
        if line.kind is LineKind.COST or line.benefit_kind is None:
            return 1.0
        return self.optimism.get(line.benefit_kind, 1.0)

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """The case that a TOML file states; raises BusinessCaseError with all findings at once."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as problem:
            params = {"problem": str(problem)}
            wrong = Finding("", "not_toml", "The file is not valid TOML: {problem}", params=params)
            raise BusinessCaseError([wrong]) from problem
        return cls.from_mapping(table)

    @classmethod
    def from_mapping(cls, table: Mapping[str, object]) -> Self:
        """The case that parsed TOML or JSON states; BusinessCaseError with all findings, unknown keys among them."""
        findings: list[Finding] = []
        reader = TableReader(table, "", findings)
        read_schema(reader, SCHEMA, findings)
        head = read_head(reader.table("business_case", required=True), findings)
        factors = read_factors(reader.table("optimism"), findings)
        volumes = [read_volume(item, findings) for item in reader.tables("volume")]
        lines = [read_line(item, findings) for item in reader.tables("line")]
        apart = [read_unquantified(item) for item in reader.tables("unquantified")]
        extension = read_extension(reader.table("extension"), findings)
        reader.close()
        if all(complete(Volume, item) for item in volumes) and all(complete(Line, item) for item in lines):
            findings += contradictions([Volume(**item) for item in volumes], [Line(**item) for item in lines], factors)
        if findings:
            raise BusinessCaseError(findings)
        return cls(
            **head,
            optimism=factors,
            volumes=tuple(Volume(**item) for item in volumes),
            lines=tuple(Line(**item) for item in lines),
            unquantified=tuple(Unquantified(**item) for item in apart),
            extension=extension,
        )

    def to_mapping(self) -> dict[str, object]:
        """The tables of the file, without what is not known; `from_mapping` reads it back equal."""
        head = written(self)
        for name in ("volumes", "lines", "unquantified", "extension", "optimism"):
            head.pop(name, None)
        tables: dict[str, object] = {
            "optimism": dict(self.optimism),
            "volume": [written(volume) for volume in self.volumes],
            "line": [written(line) for line in self.lines],
            "unquantified": [written(item) for item in self.unquantified],
            "extension": None if self.extension is None else written(self.extension),
        }
        return {"schema": SCHEMA, "business_case": head, **{name: value for name, value in tables.items() if value}}
