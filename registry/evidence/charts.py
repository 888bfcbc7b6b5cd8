"""The forest of a technology: every indicator pilot by pilot, pooled, and for a new place; only the worker draws."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt
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


def forest(indicators: Sequence[Mapping[str, Any]], titles: Mapping[str, str], language: Language) -> str:
    """One panel an indicator, as SVG: its pilots by title (none without titles), their mean, and a new place.

    `indicators` are those of a look with pooled figures. Shape tells a pilot (circle) from the mean (diamond); a new
    place is a dashed line. Everything is turned so that right is better.
    """
    panels = [_panel(item, titles, language) for item in indicators[:MOST_PANELS]]
    if not panels:
        nothing = alt.Chart(alt.InlineData(values=[{}])).mark_text(text=translate(UNDRAWN, language))
        return _svg(nothing, language)
    return _svg(alt.vconcat(*panels, spacing=26), language)


def _panel(item: Mapping[str, Any], titles: Mapping[str, str], language: Language) -> alt.LayerChart | alt.FacetChart:
    rows = _rows(item, titles, language)
    order = [row["name"] for row in rows]
    reach = max([REACH, *(abs(row[end]) for row in rows for end in ("low", "high"))])
    x = alt.X("low:Q", title=translate(AXIS, language), scale=alt.Scale(domain=[-reach, reach], nice=True))
    axis = alt.Axis(labelLimit=250, ticks=False, domain=False)
    y = alt.Y("name:N", sort=order, title=None, axis=axis)
    drawn = {kind: alt.InlineData(values=[row for row in rows if row["kind"] == kind]) for kind in ("pilot", "mean")}
    new = alt.InlineData(values=[row for row in rows if row["kind"] == "next"])
    layers = [
        _line([-1, 1], QUIET, [5, 4]),
        _line([0], INK, [1, 0]),
        alt.Chart(drawn["pilot"]).mark_rule(strokeWidth=2, color=QUIET).encode(x=x, x2="high:Q", y=y),
        alt.Chart(drawn["pilot"]).mark_point(filled=True, size=90, opacity=1, color=QUIET).encode(x="at:Q", y=y),
        alt.Chart(drawn["mean"]).mark_rule(strokeWidth=3, color=INK).encode(x=x, x2="high:Q", y=y),
        alt.Chart(drawn["mean"])
        .mark_point(filled=True, size=160, opacity=1, color=INK, shape="diamond")
        .encode(x="at:Q", y=y),
        alt.Chart(new).mark_rule(strokeWidth=2, color=INK, strokeDash=[6, 3]).encode(x=x, x2="high:Q", y=y),
    ]
    return alt.layer(*layers).properties(width=WIDTH, height=ROW * len(rows), title=item["name"])


def _rows(item: Mapping[str, Any], titles: Mapping[str, str], language: Language) -> list[dict[str, Any]]:
    """Pilots, mean and a new place, each with low, high and point in important differences, right being better."""
    pooled = item["pooled"]
    rows = []
    for number, study in enumerate(item["studies"] if titles else [], 1):
        title = titles[str(study["pilot"])]
        label = title if len(title) <= MOST_LETTERS else f"{title[: MOST_LETTERS - 1]}…"
        name = f"{number}. {label}"
        rows.append({"name": name, "kind": "pilot", **_turned(item, study["low"], study["estimate"], study["high"])})
    mean = _turned(item, pooled["low"], pooled["mean"], pooled["high"])
    place = _turned(item, pooled["predictive_low"], pooled["mean"], pooled["predictive_high"])
    rows.append({"name": translate(POOLED, language), "kind": "mean", **mean})
    rows.append({"name": translate(NEXT, language), "kind": "next", **place})
    return rows


def _turned(item: Mapping[str, Any], low: float, at: float, high: float) -> dict[str, float]:
    sign = -1.0 if item["better"] == "lower" else 1.0
    ends = sorted((sign * low / item["minimal_important"], sign * high / item["minimal_important"]))
    return {"low": ends[0], "at": sign * at / item["minimal_important"], "high": ends[1]}


def _line(places: Sequence[float], colour: str, dash: Sequence[int]) -> alt.Chart:
    marks = alt.InlineData(values=[{"line": place} for place in places])
    drawn: alt.Chart = alt.Chart(marks).mark_rule(color=colour, strokeDash=list(dash)).encode(x=alt.X("line:Q"))
    return drawn


def _svg(chart: alt.Chart | alt.VConcatChart, language: Language) -> str:
    configured = (
        chart.properties(background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_title(fontSize=15, fontWeight="normal", color=INK, anchor="start")
        .configure_axis(labelFontSize=14, titleFontSize=14, labelColor=INK, titleColor=INK, titleFontWeight="normal")
    )
    return str(vl_convert.vegalite_to_svg(configured.to_json(), format_locale=LOCALES[language]))
