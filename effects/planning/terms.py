"""Covariate terms: `x`, `x^2`, `log(x)` and `factor(x)`; nothing else is parsed, nothing is evaluated."""

import re
from dataclasses import dataclass
from enum import StrEnum

_NAME = r"[^\s^()*+:~|,\x00-\x1f](?:[^^()*+:~|,\x00-\x1f]*[^\s^()*+:~|,\x00-\x1f])?"
_TERM = re.compile(rf"\A(?:(?P<call>log|factor)\((?P<inner>{_NAME})\)|(?P<plain>{_NAME})(?P<square>\^2)?)\Z")


class Transform(StrEnum):
    """What is done to a covariate before it enters."""

    IDENTITY = "identity"
    SQUARE = "square"
    LOG = "log"
    FACTOR = "factor"


@dataclass(frozen=True, slots=True)
class Term:
    """One covariate term; a factor gives one 0/1 column per level but the first."""

    column: str
    transform: Transform

    @property
    def label(self) -> str:
        """The term as a plan writes it."""
        if self.transform is Transform.IDENTITY:
            return self.column
        if self.transform is Transform.SQUARE:
            return f"{self.column}^2"
        return f"{self.transform.value}({self.column})"


def parse_term(text: str) -> Term | None:
    """The term that `text` states, or None where it is none of the four forms."""
    match = _TERM.match(text)
    if match is None:
        return None
    if match["call"]:
        return Term(match["inner"], Transform(match["call"]))
    return Term(match["plain"], Transform.SQUARE if match["square"] else Transform.IDENTITY)
