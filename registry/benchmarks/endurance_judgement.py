"""Whether every acknowledged write is there exactly once and every job ended once to effect. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.benchmarks.endurance_notes import Ending, Write


@dataclass(frozen=True, slots=True)
class Found:
    """A row at the end of the run: what it is called, where it is shown, how often the audit tells of its making."""

    kind: str
    name: str
    place: str
    entries: int = 1


@dataclass(frozen=True, slots=True)
class Work:
    """All jobs about one subject: how many are done, the states of the others, and what they left behind.

    `results` counts what the jobs stored, `entries` the audit's entries of their ends; each is as many as `done`.
    """

    subject: str
    done: int
    others: tuple[str, ...] = ()
    results: int = 1
    entries: int = 1


def faults_of(writes: Iterable[Write], found: Iterable[Found]) -> Iterator[str]:
    """Every write that is lost, doubled, or there although it was refused, in words.

    Writes without a name are not told. An unknown one may be there once or not at all.
    """
    noted = [one for one in writes if one.name]
    there: Mapping[tuple[str, str], list[Found]] = _grouped(found)
    for one in noted:
        rows = there.get((one.kind, one.name), [])
        if len(rows) > 1:
            yield f"doubled: {one.kind} {one.name} is there {len(rows)} times"
        elif one.ending is Ending.ACKNOWLEDGED and not rows:
            yield f"lost: {one.kind} {one.name} was acknowledged as {one.place}"
        elif one.ending is Ending.REFUSED and rows:
            yield f"not refused: {one.kind} {one.name} is there as {rows[0].place}, and its client was told it is not"
        elif one.ending is Ending.ACKNOWLEDGED and one.place and rows[0].place != one.place:
            yield f"elsewhere: {one.kind} {one.name} is {rows[0].place} and was acknowledged as {one.place}"
        elif rows and rows[0].entries != 1:
            yield f"audit: {one.kind} {one.name} has {rows[0].entries} entries of its making"


def asked_for(kind: str, writes: Iterable[Write], entries: int) -> Iterator[str]:
    """What is wrong with the number of writes of a kind without names, as the audit tells it."""
    endings = [one.ending for one in writes if one.kind == kind]
    least = endings.count(Ending.ACKNOWLEDGED)
    most = least + endings.count(Ending.UNKNOWN)
    if entries < least:
        yield f"lost: {least} of {kind} were acknowledged, and the audit tells of {entries}"
    elif entries > most:
        yield f"doubled: {most} of {kind} can have been saved, and the audit tells of {entries}"


def faults_of_work(work: Sequence[Work]) -> Iterator[str]:
    """Every subject whose jobs did not all end once to effect, in words."""
    for one in work:
        if one.others:
            yield f"unfinished: {one.subject} has jobs that are {', '.join(sorted(one.others))}"
        if one.results != one.done:
            kind = "doubled" if one.results > one.done else "lost"
            yield f"{kind}: {one.done} jobs of {one.subject} left {one.results} results"
        if one.entries != one.done:
            yield f"audit: {one.done} jobs of {one.subject} left {one.entries} entries of their ends"


def _grouped(found: Iterable[Found]) -> dict[tuple[str, str], list[Found]]:
    grouped: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        grouped.setdefault((one.kind, one.name), []).append(one)
    return grouped
