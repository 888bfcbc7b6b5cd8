"""What verifying a bundle came to, file by file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from effects.bundle.differences import Difference
from effects.errors import Finding
from effects.message import Message

SCHEMA: Final = "virkning-verification/1"


class Verdict(StrEnum):
    """How far a file could be checked.

    `recomputed`: it follows from the other files, all of it; `agrees`: its hash, and every figure that it shares with
    another file; `not_recomputable`: the same, but what it was made from is not in the bundle.
    """

    RECOMPUTED = "recomputed"
    AGREES = "agrees"
    NOT_RECOMPUTABLE = "not_recomputable"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: how it was checked, in words, and every place that does not hold what it should."""

    file: str
    verdict: Verdict
    how: Message
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A verified bundle; `exact` says whether numbers had to agree to the last digit, which equal versions promise."""

    sha256: str | None
    versions: Mapping[str, str]
    here: Mapping[str, str]
    exact: bool
    files: tuple[FileReport, ...]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether no difference was found."""
        return not self.differences

    def findings(self) -> list[Finding]:
        """Every difference once, as lines for a terminal."""
        return [difference.finding() for difference in self.differences]

    def to_bytes(self) -> bytes:
        """The report as JSON in which every file stands on a line of its own."""
        head = {
            "schema": SCHEMA,
            "verdict": "agrees" if self.agrees else "differs",
            "sha256": self.sha256,
            "numbers": "exact" if self.exact else "within 1e-9 relative, since the versions differ",
            "versions": {"stated": dict(self.versions), "here": dict(self.here)},
        }
        lines = ",\n".join(_line(file) for file in self.files)
        return f'{_json(head)[:-1]}, "files": [\n{lines}\n]}}\n'.encode()


def reported(
    names: Iterable[str], how: Mapping[str, tuple[Verdict, Message]], found: Iterable[Difference]
) -> tuple[tuple[FileReport, ...], tuple[Difference, ...]]:
    """Every file with the differences it takes part in, on either side; and all differences, each once."""
    differences = tuple(dict.fromkeys(found))
    listed = dict.fromkeys((*names, *(difference.file for difference in differences)))
    files = []
    for name in listed:
        own = tuple(one for one in differences if one.file == name or name in one.source.split(", "))
        verdict, said = how.get(name, (Verdict.AGREES, HASHED))
        files.append(FileReport(name, Verdict.DIFFERS if own else verdict, said, own))
    return tuple(files), differences


HASHED: Final = Message("Its hash is that of the metadata.")


def _line(file: FileReport) -> str:
    stated = [
        {name: getattr(one, name) for name in ("file", "where", "stated", "recomputed", "source")}
        for one in file.differences
    ]
    return _json({"file": file.file, "verdict": file.verdict.value, "how": str(file.how), "differences": stated})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
