"""The forest plot as static SVG; only the worker draws."""

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
UNDRAWN: Final = Message("No effect can be drawn.")
WIDTH: Final = 460  # pixels of the plotting area
ROW: Final = 34
LOCALES: Final[Mapping[Language, Literal["da-DK", "en-GB"]]] = {"da": "da-DK", "en": "en-GB"}
REACH: Final = 1.2  # the axis shows at least this far on both sides, so that 1 and -1 are always in sight


def forest(found: Sequence[Effect], language: Language) -> str:
    """Point and interval of every effect that has a place, over lines at 0 and at one important difference each way.

    Colour and shape both carry the meaning. The texts are in the language given; names are drawn as text.
    """
    drawn = [effect for effect in found if effect.figure]
    if not drawn:
        return _svg(alt.Chart(_inline([{}])).mark_text(text=translate(UNDRAWN, language)), language)
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
    chart = alt.layer(*_lines(), whiskers, points).properties(width=WIDTH, height=ROW * len(drawn))
    return _svg(chart, language)


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


def _svg(chart: alt.Chart | alt.LayerChart | alt.FacetChart, language: Language) -> str:
    configured = (
        chart.properties(background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=14, titleFontSize=14, labelColor=INK, titleColor=INK, titleFontWeight="normal")
    )
    return str(vl_convert.vegalite_to_svg(configured.to_json(), format_locale=LOCALES[language]))
