"""A version that was just checked against the one before it. Runs in a child with limits, on bounded memory."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from effects.errors import Finding
from registry.datasets.comparing import Earlier, compare
from registry.datasets.differences import Differences, Obstacle
from registry.datasets.plausibility import implausible
from registry.datasets.schema import FileSchema, Part


@dataclass(frozen=True, slots=True)
class Weighed:
    """What differs from the earlier version, and warnings where that is not plausible."""

    differences: Differences
    findings: tuple[Finding, ...] = ()


def weigh(later: Path, schema: FileSchema, earlier: Earlier, people: bool, folder: Path) -> Weighed:
    """Compare two stored files, keeping whatever is in between in `folder`; the caller removes it.

    Two files that cannot both be read, or need more memory than there is, are not compared, and the answer says so.
    """
    configuration: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": "300MB",
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(config=configuration) as connection:
            differences = compare(connection, later, schema, earlier, people=people)
            return Weighed(differences, implausible(connection, later, schema, earlier, people=people))
    except duckdb.OutOfMemoryException:
        return without(earlier, Obstacle.TOO_COSTLY)
    except (duckdb.IOException, duckdb.InvalidInputException):
        return without(earlier, Obstacle.UNREADABLE)


def without(earlier: Earlier, obstacle: Obstacle) -> Weighed:
    """What there is to say where nothing could be compared."""
    return Weighed(Differences(earlier=earlier.number, obstacle=obstacle))


def names_people(schema: FileSchema, *, individual: bool) -> bool:
    """Whether a row is a person, so that few rows are few people.

    Rows that state how many persons they stand for are not, nor are sites that are observed as a whole; `individual`
    says that the plan draws lots for each unit.
    """
    if schema.named(Part.PERSONS):
        return False
    return individual or bool(schema.named(Part.CLUSTER)) or not schema.named(Part.UNIT)
