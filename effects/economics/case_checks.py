"""What the lines of a business case may not leave open or contradict, whatever their figures are."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from effects.codes import Better
from effects.economics.codes import LineKind, Scope, Status
from effects.economics.stated import Line, Volume
from effects.errors import Finding


def contradictions(volumes: Sequence[Volume], lines: Sequence[Line], optimism: Mapping[str, float]) -> list[Finding]:
    """Every finding about volumes and lines that could be read."""
    if not lines:
        return [Finding("line", "no_line", "The business case has no line.", "State at least one as [[line]].")]
    findings = [*_repeated("line", "title", [line.title for line in lines])]
    findings += _repeated("volume", "name", [volume.name for volume in volumes])
    for place, volume in enumerate(volumes):
        findings += [*_volume(volume, f"volume[{place}]"), *_status(volume, f"volume[{place}]")]
    names = {volume.name for volume in volumes}
    for place, line in enumerate(lines):
        where = f"line[{place}]"
        findings += [*_status(line, where), *_volume_of(line, names, where), *_effect_of(line, where)]
    return [*findings, *_directions(lines), *_optimism(lines, optimism)]


def _repeated(table: str, key: str, names: Sequence[str]) -> Iterator[Finding]:
    for place, name in enumerate(names):
        if name in names[:place]:
            where = f"{table}[{place}].{key}"
            yield Finding(where, "repeated_name", "{name} is stated twice.", "Give each its own name.", {"name": name})


def _volume(volume: Volume, where: str) -> Iterator[Finding]:
    if volume.amount is not None and volume.by_place:
        yield Finding(
            f"{where}.by_place",
            "two_volumes",
            "{name} is stated both per 1,000 inhabitants and by place.",
            "Leave one of them out.",
            {"name": volume.name},
        )
    if volume.amount is not None and volume.amount.low < 0:
        yield Finding(
            f"{where}.low",
            "negative",
            "{key} cannot be negative.",
            "Leave it out where it is not known.",
            {"key": "low"},
        )


def _status(stated: Line | Volume, where: str) -> Iterator[Finding]:
    known = stated.amount is not None or (isinstance(stated, Volume) and bool(stated.by_place))
    if known and stated.status is None:
        yield Finding(
            f"{where}.status",
            "missing_key",
            "{key} is missing.",
            "Say what the figure rests on: measured, agreed or guessed.",
            {"key": "status"},
            column="status",
        )
    if stated.amount is not None and stated.status is Status.GUESSED and stated.amount.sd == 0:
        yield Finding(
            f"{where}.amount",
            "sure_guess",
            "A guess is not exact.",
            "State low, likely and high.",
        )


def _volume_of(line: Line, names: Collection[str], where: str) -> Iterator[Finding]:
    if line.scope is Scope.UNIT and line.volume is None:
        yield Finding(
            f"{where}.volume",
            "missing_key",
            "{key} is missing.",
            "Name the volume that the amount is for a unit of.",
            {"key": "volume"},
            column="volume",
        )
    if line.scope is not Scope.UNIT and line.volume is not None:
        yield Finding(
            f"{where}.volume",
            "volume_without_use",
            "An amount for the nation or a municipality has no volume.",
            'Leave volume out, or write scope = "per_unit".',
        )
    if line.volume is not None and line.volume not in names:
        yield Finding(
            f"{where}.volume",
            "unknown_volume",
            "There is no volume {name}.",
            "State it as [[volume]].",
            {"name": line.volume},
        )


def _effect_of(line: Line, where: str) -> Iterator[Finding]:
    if line.indicator is not None and line.better is None:
        yield Finding(
            f"{where}.better",
            "missing_key",
            "{key} is missing.",
            "Say whether higher or lower is better.",
            {"key": "better"},
            column="better",
        )
    if line.indicator is None and line.better is not None:
        yield Finding(
            f"{where}.indicator",
            "missing_key",
            "{key} is missing.",
            "Name the indicator that the amount is for a unit of.",
            {"key": "indicator"},
            column="indicator",
        )
    if line.indicator is not None and line.kind is LineKind.COST:
        yield Finding(
            f"{where}.kind",
            "cost_of_an_effect",
            "What an effect is worth is a benefit; it turns negative by itself where the effect is a harm.",
            'Write kind = "benefit".',
        )


def _directions(lines: Sequence[Line]) -> Iterator[Finding]:
    stated: dict[str, Better] = {}
    for place, line in enumerate(lines):
        if line.indicator is None or line.better is None:
            continue
        if stated.setdefault(line.indicator, line.better) is not line.better:
            yield Finding(
                f"line[{place}].better",
                "two_directions",
                "{name} is better both higher and lower.",
                "State the same direction in every line.",
                {"name": line.indicator},
            )


def _optimism(lines: Sequence[Line], optimism: Mapping[str, float]) -> Iterator[Finding]:
    kinds = {line.benefit_kind for line in lines if line.kind is LineKind.BENEFIT}
    for kind in optimism:
        if kind not in kinds:
            yield Finding(
                f"optimism.{kind}",
                "unused_factor",
                "No benefit is of the kind {kind}.",
                "State benefit_kind in the lines it is for.",
                {"kind": kind},
            )
