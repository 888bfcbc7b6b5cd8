"""What can be wrong with a plan or with data, as values that carry every finding at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Parameter = str | int | float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the reader of the message can mend.

    `message` and `remedy` are English `str.format` templates over `params`, always literal strings in the code so that
    they can be extracted and translated. `where` is a path such as `outcome[0].margin` (indices count from 0) or a
    file name; `row` counts data rows from 1.
    """

    where: str
    code: str
    message: str
    remedy: str = ""
    params: Mapping[str, Parameter] = field(default_factory=dict)
    row: int | None = None
    column: str | None = None
    severity: Literal["error", "warning"] = "error"

    def text(self) -> str:
        """Message and remedy in English with the parameters filled in."""
        return f"{self.message} {self.remedy}".strip().format(**self.params)


class EffectsError(Exception):
    """A request that cannot be carried out as it stands; `findings` says everything that is wrong with it."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """The message joins all findings; programs read `findings`."""
        self.findings: tuple[Finding, ...] = tuple(findings)
        super().__init__("; ".join(f"{finding.where}: {finding.text()}" for finding in self.findings))

    def __reduce__(self) -> tuple[type["EffectsError"], tuple[tuple[Finding, ...]]]:
        """The findings are all that has to reach another process."""
        return type(self), (self.findings,)


class PlanError(EffectsError):
    """The plan is unreadable, incomplete or contradicts itself."""


class DataError(EffectsError):
    """The data cannot carry the plan."""
