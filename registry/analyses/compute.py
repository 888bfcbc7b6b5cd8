"""What the processes of the worker work out for an analysis; the only module of the slice that loads the estimators."""

from pathlib import Path

import msgspec

from effects.analyse import analyse
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from registry.analyses.charts import plotted
from registry.analyses.reading import by_time, effects, primary
from registry.kit.language import LANGUAGES, Language


def result_of(plan: str, rows: Path, seed: int) -> bytes:
    """The result file of a plan file on stored rows: the same arguments give the same bytes.

    Raises DataError where the rows cannot carry the plan.
    """
    return analyse(rows, AnalysisPlan.from_text(plan), seed=seed).to_json()


def charts_of(result: bytes, outcomes: tuple[Outcome, ...]) -> dict[Language, str]:
    """The plots of what the plan asked for, in every language."""
    found = effects(msgspec.json.decode(result), outcomes)
    main, moments = primary(found), by_time(found)
    return {language: plotted(main, moments, language) for language in LANGUAGES.values()}
