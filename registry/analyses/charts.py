"""The forest plot, and event-study plots under it, as one static SVG; only the worker draws."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import altair as alt
import vl_convert

from effects.message import Message
from registry.analyses.rules import Meaning
from registry.analyses.schemas import Effect
from registry.kit.language import Language, translate

FONT: Final = "IBM Plex Sans, Arial, sans-serif"
INK: Final = "#1a1a1a"
QUIET: Final = "#5e5e5e"
COLOURS: Final = {
    Meaning.IMPROVEMENT: "#186433",
    Meaning.DETERIORATION: "#9b1620",
    Meaning.NOT_DISTINGUISHABLE: QUIET,
}
SHAPES: Final = {Meaning.IMPROVEMENT: "triangle-up", Meaning.DETERIORATION: "triangle-down"}
AXIS: Final = Message("Effect in minimal important differences (right is better)")
SINCE: Final = Message("Periods since the start")
UP: Final = Message("Important differences (up is better)")
UNDRAWN: Final = Message("No effect can be drawn.")
WIDTH: Final = 460  # pixels of the plotting area
ROW: Final = 34
PANEL: Final = 240
MOST_PANELS: Final = 6
LOCALES: Final[Mapping[Language, Literal["da-DK", "en-GB"]]] = {"da": "da-DK", "en": "en-GB"}
REACH: Final = 1.2  # the axis shows at least this far on both sides, so that 1 and -1 are always in sight


def plotted(main: Sequence[Effect], by_time: Sequence[Effect], language: Language) -> str:
    """Point and interval of every effect that has a place, over lines at 0 and at one important difference each way.

    Under the forest of the main effects stands an event-study plot of each indicator with effects by time since the
    start. Colour and shape both carry the meaning. The texts are in the language given; names are drawn as text.
    """
    drawn = [effect for effect in main if effect.figure]
    if not drawn:
        return _svg(alt.Chart(_inline([{}])).mark_text(text=translate(UNDRAWN, language)), language)
    moments = [effect for effect in by_time if effect.figure and effect.event_time is not None]
    names = list(dict.fromkeys(effect.name for effect in moments))[:MOST_PANELS]
    panels = [_event_study([effect for effect in moments if effect.name == name], language) for name in names]
    forest = _forest(drawn, language)
    return _svg(alt.vconcat(forest, *panels, spacing=30) if panels else forest, language)


def _forest(drawn: Sequence[Effect], language: Language) -> alt.LayerChart | alt.FacetChart:
    rows = _inline([_row(effect) for effect in drawn])
    order = [effect.name for effect in drawn]
    reach = max(REACH, *(abs(row) for effect in drawn for row in _ends(effect)))
    x = alt.X("low:Q", title=translate(AXIS, language), scale=alt.Scale(domain=[-reach, reach], nice=True))
    y = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=230, ticks=False, domain=False))
    colour = alt.Color("colour:N", scale=None)
    whiskers = alt.Chart(rows).mark_rule(strokeWidth=2).encode(x=x, x2="high:Q", y=y, color=colour)
    points = (
        alt.Chart(rows)
        .mark_point(filled=True, size=110, opacity=1)
        .encode(x="estimate:Q", y=y, color=colour, shape=alt.Shape("shape:N", scale=None))
    )
    return alt.layer(*_lines(), whiskers, points).properties(width=WIDTH, height=ROW * len(drawn))


def _event_study(moments: Sequence[Effect], language: Language) -> alt.LayerChart | alt.FacetChart:
    """Effects of one indicator by time since the start; up is better, and the vertical line is the start."""
    rows = _inline([{**_row(effect), "at": effect.event_time} for effect in moments])
    reach = max(REACH, *(abs(end) for effect in moments for end in _ends(effect)))
    scale = alt.Scale(domain=[-reach, reach], nice=True)
    times = [effect.event_time for effect in moments if effect.event_time is not None]
    span = alt.Scale(domain=[min(times) - 0.5, max(times) + 0.5], nice=False)
    axis = alt.Axis(tickMinStep=1, grid=False, format="d")
    x = alt.X("at:Q", title=translate(SINCE, language), axis=axis, scale=span)
    y = alt.Y("low:Q", title=translate(UP, language), scale=scale)
    colour = alt.Color("colour:N", scale=None)
    whiskers = alt.Chart(rows).mark_rule(strokeWidth=2).encode(x=x, y=y, y2="high:Q", color=colour)
    shape = alt.Shape("shape:N", scale=None)
    points = alt.Chart(rows).mark_point(filled=True, size=90, opacity=1)
    points = points.encode(x=x, y=alt.Y("estimate:Q", scale=scale), color=colour, shape=shape)
    height = alt.Y("at:Q", scale=scale)
    margins = alt.Chart(_inline([{"at": -1}, {"at": 1}])).mark_rule(color=QUIET, strokeDash=[5, 4]).encode(y=height)
    zero = alt.Chart(_inline([{"at": 0}])).mark_rule(color=INK).encode(y=height)
    start = alt.Chart(_inline([{"at": -0.5}])).mark_rule(color=QUIET, strokeDash=[2, 3]).encode(x="at:Q")
    layered = alt.layer(margins, zero, start, whiskers, points)
    return layered.properties(width=WIDTH, height=PANEL, title=moments[0].name)


def _ends(effect: Effect) -> tuple[float, float]:
    assert effect.figure is not None
    return effect.figure.low, effect.figure.high


def _row(effect: Effect) -> dict[str, object]:
    low, high = _ends(effect)
    assert effect.figure is not None
    return {
        "name": effect.name,
        "low": low,
        "high": high,
        "estimate": effect.figure.estimate,
        "colour": COLOURS[effect.meaning],
        "shape": SHAPES.get(effect.meaning, "circle"),
    }


def _lines() -> list[alt.Chart]:
    at = alt.X("at:Q")
    margins = alt.Chart(_inline([{"at": -1}, {"at": 1}])).mark_rule(color=QUIET, strokeDash=[5, 4]).encode(x=at)
    return [margins, alt.Chart(_inline([{"at": 0}])).mark_rule(color=INK).encode(x=at)]


def _inline(rows: list[dict[str, object]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _svg(chart: alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart, language: Language) -> str:
    configured = (
        chart.properties(background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_title(fontSize=15, fontWeight="normal", color=INK, anchor="start")
        .configure_axis(labelFontSize=14, titleFontSize=14, labelColor=INK, titleColor=INK, titleFontWeight="normal")
    )
    return str(vl_convert.vegalite_to_svg(configured.to_json(), format_locale=LOCALES[language]))
