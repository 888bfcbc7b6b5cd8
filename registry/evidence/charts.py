"""The forest of a technology: every indicator pilot by pilot, pooled, and for a new place; only the worker draws.

The specification is written out in Vega-Lite's own words: a look draws four forests, and working them out through a
library of checked classes cost three times what drawing them does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import vl_convert

from effects.message import Message
from registry.analyses.charts import FONT, INK, LOCALES, QUIET
from registry.kit.language import Language, translate

POOLED: Final = Message("All pilots together")
NEXT: Final = Message("A new place")
AXIS: Final = Message("Effect in minimal important differences (right is better)")
UNDRAWN: Final = Message("No effect can be drawn.")
WIDTH: Final = 420  # pixels of the plotting area
ROW: Final = 30
REACH: Final = 1.2  # one important difference is in sight on both sides
MOST_LETTERS: Final = 34
MOST_PANELS: Final = 12
SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
Spec: TypeAlias = dict[str, Any]
CONFIG: Final[Spec] = {
    "font": FONT,
    "view": {"continuousWidth": 300, "continuousHeight": 300, "stroke": None},
    "title": {"fontSize": 15, "fontWeight": "normal", "color": INK, "anchor": "start"},
    "axis": {
        "labelFontSize": 14,
        "titleFontSize": 14,
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": "normal",
    },
}


def forest(indicators: Sequence[Mapping[str, Any]], titles: Mapping[str, str], language: Language) -> str:
    """One panel an indicator, as SVG: its pilots by title (none without titles), their mean, and a new place.

    `indicators` are those of a look with pooled figures. Shape tells a pilot (circle) from the mean (diamond); a new
    place is a dashed line. Everything is turned so that right is better.
    """
    panels = [_panel(item, titles, language) for item in indicators[:MOST_PANELS]]
    if not panels:
        nothing = {"data": {"values": [{}]}, "mark": {"type": "text", "text": translate(UNDRAWN, language)}}
        return _svg(nothing, language)
    return _svg({"vconcat": panels, "spacing": 26}, language)


def _panel(item: Mapping[str, Any], titles: Mapping[str, str], language: Language) -> Spec:
    rows = _rows(item, titles, language)
    reach = max([REACH, *(abs(row[end]) for row in rows for end in ("low", "high"))])
    scale = {"domain": [-reach, reach], "nice": True}
    x = {"field": "low", "type": "quantitative", "title": translate(AXIS, language), "scale": scale}
    axis = {"labelLimit": 250, "ticks": False, "domain": False}
    y = {"field": "name", "type": "nominal", "sort": [row["name"] for row in rows], "title": None, "axis": axis}

    def drawn(kind: str, encoding: Spec, **mark: Any) -> Spec:
        own = [row for row in rows if row["kind"] == kind]
        return {"data": {"values": own}, "mark": mark, "encoding": {**encoding, "y": y}}

    across: Spec = {"x": x, "x2": {"field": "high"}}
    at: Spec = {"x": {"field": "at", "type": "quantitative"}}
    layers = [
        _line([-1, 1], QUIET, [5, 4]),
        _line([0], INK, [1, 0]),
        drawn("pilot", across, type="rule", strokeWidth=2, color=QUIET),
        drawn("pilot", at, type="point", filled=True, size=90, opacity=1, color=QUIET),
        drawn("mean", across, type="rule", strokeWidth=3, color=INK),
        drawn("mean", at, type="point", filled=True, size=160, opacity=1, color=INK, shape="diamond"),
        drawn("next", across, type="rule", strokeWidth=2, color=INK, strokeDash=[6, 3]),
    ]
    return {"layer": layers, "width": WIDTH, "height": ROW * len(rows), "title": item["name"]}


def _rows(item: Mapping[str, Any], titles: Mapping[str, str], language: Language) -> list[dict[str, Any]]:
    """Pilots, mean and a new place, each with low, high and point in important differences, right being better.

    A single pilot is its own mean, which is not drawn a second time.
    """
    pooled = item["pooled"]
    rows = []
    for number, study in enumerate(item["studies"] if titles else [], 1):
        title = titles[str(study["pilot"])]
        label = title if len(title) <= MOST_LETTERS else f"{title[: MOST_LETTERS - 1]}…"
        name = f"{number}. {label}"
        rows.append({"name": name, "kind": "pilot", **_turned(item, study["low"], study["estimate"], study["high"])})
    place = _turned(item, pooled["predictive_low"], pooled["mean"], pooled["predictive_high"])
    if len(item["studies"]) > 1:
        mean = _turned(item, pooled["low"], pooled["mean"], pooled["high"])
        rows.append({"name": translate(POOLED, language), "kind": "mean", **mean})
    rows.append({"name": translate(NEXT, language), "kind": "next", **place})
    return rows


def _turned(item: Mapping[str, Any], low: float, at: float, high: float) -> dict[str, float]:
    sign = -1.0 if item["better"] == "lower" else 1.0
    ends = sorted((sign * low / item["minimal_important"], sign * high / item["minimal_important"]))
    return {"low": ends[0], "at": sign * at / item["minimal_important"], "high": ends[1]}


def _line(places: Sequence[float], colour: str, dash: Sequence[int]) -> Spec:
    return {
        "data": {"values": [{"line": place} for place in places]},
        "mark": {"type": "rule", "color": colour, "strokeDash": list(dash)},
        "encoding": {"x": {"field": "line", "type": "quantitative"}},
    }


def _svg(chart: Spec, language: Language) -> str:
    whole = {"$schema": SCHEMA, "background": "transparent", "config": CONFIG, **chart}
    return str(vl_convert.vegalite_to_svg(whole, format_locale=LOCALES[language]))
