"""The body of `virkning moments`: a plan and rows in, a file of sums and its cover sheet out, an exit status."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from effects.civil_numbers import looks_like_cpr, texts_of
from effects.compression.files import to_bytes
from effects.compression.plan_reasons import PlanReason
from effects.compression.routing import MOMENTS
from effects.errors import DataError, Finding, PlanError
from effects.federation.answering import Readiness, readiness
from effects.federation.cover import cover_sheet
from effects.federation.making import make
from effects.message import Message
from effects.plan import AnalysisPlan
from effects.terminal import (
    BEYOND_THE_USER,
    DONE,
    WRONG_CALL,
    WRONG_DATA,
    not_written,
    printable,
    refuse,
    said,
    wrong_output,
)

ENDED: Final = 128 + signal.SIGTERM

_NAMES: Final = Finding(
    "data",
    "cpr_like",
    "A name of a cluster, period or stratum looks like it holds a CPR number; it is not shown here.",
    "Give clusters, periods and strata other names; nothing was written.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was asked at the keyboard: `merges` as typed, CLUSTER=INTO; `day` as YYYY-MM-DD where it is to be told."""

    plan: Path
    data: Sequence[Path] = ()
    out: Path | None = None
    schema: Path | None = None
    authority: str = ""
    merges: Sequence[str] = ()
    day: str = ""


def run(call: Call) -> int:
    """Write the moments to `out` and their cover sheet beside them, or, without data, say what sums would answer.

    Standard output says what was written, whether over earlier files, and what to do with it.
    Returns 0 where that was done, 2 where the call is wrong or the plan needs rows, 3 where the rows cannot carry the
    plan or too few people stand behind a cluster, and 4 where the user can mend nothing. Nothing is left of the rows.
    """
    before = signal.signal(signal.SIGTERM, _end)
    wrong: list[Finding] = []
    try:
        wrong = _wrong(call)
        plan = AnalysisPlan.from_toml(call.plan)
        ready = readiness(plan)
        if wrong:
            return refuse(wrong, WRONG_CALL)
        if not call.data:
            sys.stdout.write("".join(f"{line}\n" for line in _answers(ready)))
            return DONE
        if not ready.on_moments:
            return refuse([_needs_rows(found) for found in ready.reasons], WRONG_CALL)
        _write(call, plan)
    except PlanError as error:
        return refuse([*error.findings, *wrong], WRONG_CALL)
    except DataError as error:
        return refuse([_NAMES] if any(map(_names_somebody, error.findings)) else error.findings, WRONG_DATA)
    except (OSError, MemoryError) as error:
        return refuse([not_written(error)], BEYOND_THE_USER)
    finally:
        signal.signal(signal.SIGTERM, before)
    return DONE


def _wrong(call: Call) -> list[Finding]:
    """What is wrong with the call itself."""
    inputs = [call.plan, *call.data, *([call.schema] if call.schema else [])]
    found = [
        Finding(str(path), "no_such_file", "There is no such file.", "Check the path.")
        for path in inputs[1:]
        if not path.is_file()
    ]
    if call.data and call.out is None:
        found.append(Finding("--out", "no_output", "It is not said where the sums go.", "Add --out FILE.moments."))
    if call.out is not None:
        found += [*wrong_output(call.out, inputs), *wrong_output(_sheet(call.out), inputs)]
        if call.out.suffix.lower() != MOMENTS:
            message = "An analysis knows a file of sums by its name."
            found.append(Finding(str(call.out), "not_so_called", message, "Let the name end in .moments."))
    if any(looks_like_cpr(text) for text in (call.authority, *call.merges, call.out.name if call.out else "")):
        message = "A name that is given looks like it holds a CPR number."
        found.append(Finding("virkning moments", "cpr_like", message, "Write another name."))
        return found
    return [*found, *_wrong_merges(call.merges)]


def _wrong_merges(merges: Sequence[str]) -> Iterator[Finding]:
    clusters = [text.partition("=")[0].strip() for text in merges]
    for text, cluster in zip(merges, clusters, strict=True):
        into = text.partition("=")[2].strip()
        if not cluster or not into or cluster == into or clusters.count(cluster) > 1:
            message, remedy = "{text} is no merge.", "Write --merge CLUSTER=INTO, each cluster once."
            yield Finding("--merge", "no_merge", message, remedy, {"text": text})


def _merged(merges: Sequence[str]) -> dict[str, str]:
    return {text.partition("=")[0].strip(): text.partition("=")[2].strip() for text in merges}


def _write(call: Call, plan: AnalysisPlan) -> None:
    """Both files, whole or neither; then what was written, and what is next."""
    assert call.out is not None
    made = make(plan, call.data, schema=call.schema, authority=call.authority.strip(), merged=_merged(call.merges))
    lines = [*cover_sheet(made, plan), *([Message("Made on {day}.", {"day": call.day})] if call.day else [])]
    content = to_bytes(made)
    if any(looks_like_cpr(text) for text in texts_of(json.loads(content))):
        raise DataError([_NAMES])
    wanted = {call.out: content, _sheet(call.out): "".join(_page(lines)).encode()}
    partial = {path: path.with_name(f"{path.name}.partial") for path in wanted}
    over = any(path.exists() for path in wanted)
    try:
        for path, content in wanted.items():
            partial[path].write_bytes(content)
        for path in wanted:
            partial[path].replace(path)
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
    sys.stdout.write("".join(f"{printable(said(line))}\n" for line in _written(call.out, over=over)))


def _written(out: Path, *, over: bool) -> Iterator[Message]:
    named = {"file": str(out), "sheet": str(_sheet(out))}
    yield Message("Written: the moments file {file} and its cover sheet {sheet}.", named)
    if over:
        yield Message("They took the place of earlier files of these names.")
    yield Message(
        "Next: read the cover sheet, then send {file} to the evaluators or upload it on the pilot's page.", named
    )


def _page(lines: Sequence[Message]) -> Iterator[str]:
    for number, line in enumerate(lines):
        heading = line.template.endswith(":")
        yield f"{'' if number == 0 or not heading else chr(10)}{'' if heading else '- '}{printable(said(line))}\n"


def _answers(ready: Readiness) -> Iterator[str]:
    """What sums answer of a plan, and what must be stated instead where they do not."""
    whole = Message("Sums answer all of this plan: no rows need leave an authority.")
    yield said(whole if ready.on_moments else Message("Sums do not answer all of this plan:"))
    for found in ready.answers:
        mark = "+" if found.on_moments else "-"
        why = f" ({said(found.reason)})" if found.reason and not found.remedy else ""
        yield f"{mark} {found.outcome + ': ' if found.outcome else ''}{said(found.what)}{why}"
    if ready.on_moments and not all(found.on_moments for found in ready.answers):
        yield said(Message("What is marked - needs rows and is left out; the plan does not rest on it."))
    for reason in ready.reasons:
        yield f"! {reason.outcome + ': ' if reason.outcome else ''}{said(reason.reason)}. {said(reason.remedy)}"


def _needs_rows(found: PlanReason) -> Finding:
    params = {**found.reason.params, **found.remedy.params}
    return Finding(found.outcome or "plan", "needs_rows", found.reason.template, found.remedy.template, params)


def _sheet(out: Path) -> Path:
    return out.with_name(f"{out.name}.txt")


def _names_somebody(found: Finding) -> bool:
    return looks_like_cpr(" ".join([found.where, *map(str, found.params.values())]))


def _end(_number: int, _frame: FrameType | None) -> None:
    """End as an exception does, so that what was written of the rows is deleted."""
    raise SystemExit(ENDED)
