"""What is wrong with a version beside the business case itself. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from effects.economics.business_case import BusinessCase
from effects.errors import Finding
from registry.business_cases.schemas import Stating
from registry.pilots.schemas import TechnologyView

SHORTEST_REASON = 3


def of_version(stating: Stating, newest: int) -> Iterator[Finding]:
    """A version that follows another one than the newest, or that takes its place without a reason."""
    if newest and len(stating.reason) < SHORTEST_REASON:
        yield Finding(
            "reason",
            "no_reason",
            "This takes the place of version {number} and gives no reason.",
            "Say in a sentence what has changed.",
            {"number": newest},
        )
    if stating.after != newest:
        yield Finding(
            "reason",
            "not_the_newest",
            "Version {number} holds, and this was made from another one.",
            "Read it, and state this one again if it still holds.",
            {"number": newest},
        )


def of_technology(case: BusinessCase | None, technology: TechnologyView, where: str) -> Iterator[Finding]:
    """A file that is about another technology, or another major version of it."""
    if case is None:
        return
    version = case.major_version or technology.major_version
    if (case.technology.casefold(), version) != (technology.name.casefold(), technology.major_version):
        yield Finding(
            where,
            "other_technology",
            "The file is about {stated}, and this page about {name}.",
            "State the technology and its major version as they stand here.",
            {"stated": f"{case.technology} {version}".strip(), "name": technology.label},
        )


def in_file(finding: Finding, where: str) -> Finding:
    """A finding of a file at the field it was sent in, its place in the file beside it."""
    return replace(finding, where=where, column=finding.where or None)
