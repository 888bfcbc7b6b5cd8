"""What the processes of the worker work out for an analysis; the only module of the slice that loads the estimators."""

from pathlib import Path

import msgspec

from effects.analyse import analyse
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from registry.analyses.charts import forest
from registry.analyses.reading import effects, primary
from registry.kit.language import LANGUAGES, Language


def result_of(plan: str, rows: Path, seed: int) -> bytes:
    """The result file of a plan file on stored rows: the same arguments give the same bytes.

    Raises DataError where the rows cannot carry the plan.
    """
    return analyse(rows, AnalysisPlan.from_text(plan), seed=seed).to_json()


def charts_of(result: bytes, outcomes: tuple[Outcome, ...]) -> dict[Language, str]:
    """The forest plot of what the plan asked for, in every language."""
    main = primary(effects(msgspec.json.decode(result), outcomes))
    return {language: forest(main, language) for language in LANGUAGES.values()}
