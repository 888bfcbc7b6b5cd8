"""What the commands share at a terminal: exit statuses, the language, findings as lines, results whole or not."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

from effects.errors import Finding
from effects.message import Message

Say: TypeAlias = Callable[[Message | Finding], str]

DONE: Final = 0
WRONG_CALL: Final = 2
WRONG_DATA: Final = 3
BEYOND_THE_USER: Final = 4


def _english(sentence: Message | Finding) -> str:
    return sentence.text() if isinstance(sentence, Finding) else str(sentence)


_SAY: Final[ContextVar[Say]] = ContextVar("say", default=_english)


@contextmanager
def speaking(say: Say) -> Iterator[None]:
    """Within the block, commands speak the reader's language."""
    token = _SAY.set(say)
    try:
        yield
    finally:
        _SAY.reset(token)


def said(sentence: Message | Finding) -> str:
    """A sentence in the reader's language, English unless another is spoken; a finding's remedy follows its message."""
    return _SAY.get()(sentence)


def refuse(findings: Sequence[Finding], status: int) -> int:
    """Say what is wrong on standard error, and give the exit status back."""
    sys.stderr.write("".join(f"{line}\n" for line in as_lines(findings)))
    return status


def as_lines(findings: Sequence[Finding]) -> list[str]:
    """One line for each finding; those that differ in the row alone share one line that names every row."""
    rows: dict[tuple[str, str], list[int]] = {}
    for finding in findings:
        own = rows.setdefault((finding.where, said(finding)), [])
        own.extend([] if finding.row is None else [finding.row])
    return [printable(f"{where}{_named(numbers)}: {text}") for (where, text), numbers in rows.items()]


def printable(text: str) -> str:
    """One line that a terminal shows as it is: what would steer it, turn letters around or stay unseen is spelt out."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in " ".join(text.split())
    )


def write(document: bytes, out: Path | None) -> None:
    """Write a result to a file, whole or not at all, or to standard output; OSError where that cannot be done."""
    if out is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    else:
        partial = out.with_name(f"{out.name}.partial")
        partial.write_bytes(document)
        partial.replace(out)


def not_written(error: OSError | MemoryError) -> Finding:
    """What the user cannot mend: the disk is full, memory is short, a folder is closed."""
    return Finding(
        where="virkning",
        code="beyond_the_user",
        message="The result could not be written: {reason}.",
        params={"reason": getattr(error, "strerror", None) or type(error).__name__},
    )


def wrong_output(out: Path | None, inputs: Sequence[Path]) -> list[Finding]:
    """Why a result cannot go to `out`: a folder, a place that is not there, or a file that is read."""
    if out is None:
        return []
    where = str(out)
    if out.is_dir():
        return [Finding(where, "is_a_folder", "This is a folder.", "Name a file in it.")]
    if not out.parent.is_dir():
        return [Finding(where, "no_such_folder", "There is no such folder.", "Create it or choose another path.")]
    if out.exists() and any(path.exists() and out.samefile(path) for path in inputs):
        return [Finding(where, "replaces_input", "The result would replace what is read.", "Choose another path.")]
    return []


def _named(rows: Sequence[int]) -> str:
    """The rows as a reader lists them: ` data row 4`, or ` data rows 1-3, 7`; nothing where there are none."""
    ordered = sorted(set(rows))
    edges = [place for place, (low, high) in enumerate(pairwise(ordered), start=1) if high > low + 1]
    runs = [ordered[low:high] for low, high in pairwise([0, *edges, len(ordered)]) if ordered]
    spans = [f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    if not spans:
        return ""
    several = Message("data rows {rows}", {"rows": ", ".join(spans)})
    return f" {said(several if len(ordered) > 1 else Message('data row {row}', {'row': spans[0]}))}"
