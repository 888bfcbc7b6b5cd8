"""Promised benefits for the tests of this slice and all later ones."""

from datetime import date, timedelta
from typing import Any

from registry.benefits.actions import measure, promise, realise, revise
from registry.benefits.schemas import (
    BenefitView,
    MeasurementView,
    Measuring,
    Promise,
    Promising,
    RealisationView,
    Realising,
    Revising,
    RevisionView,
)
from registry.benefits.standing import view
from registry.business_cases.rules import BenefitKind
from registry.kit.clock import now, today
from tests.registry.plans.story import Cast

DUE = date(2027, 6, 30)
TODAY = date(2026, 11, 22)


def promising(**changes: Any) -> Promising:
    """A promise of 400 hours a week, due in a year."""
    stated: dict[str, Any] = {
        "title": "Fewer hours of documentation",
        "kind": BenefitKind.WORKING_TIME,
        "unit": "hours a week",
        "promised": 400.0,
        "assumptions": "All 12 teams use it from January.",
        "owner": "The department of care",
        "due": today() + timedelta(days=365),
    }
    return Promising(**{**stated, **changes})


def measuring(**changes: Any) -> Measuring:
    """A figure by hand with its interval and source."""
    stated: dict[str, Any] = {
        "measured": 300.0,
        "low": 250.0,
        "high": 350.0,
        "measured_on": today(),
        "source": "Time study of week 40",
    }
    return Measuring(**{**stated, **changes})


def realising(**changes: Any) -> Realising:
    """What was taken home by today."""
    stated: dict[str, Any] = {"realised": 280.0, "realised_on": today(), "source": "Budget 2027, line 5.30.26"}
    return Realising(**{**stated, **changes})


def revising(**changes: Any) -> Revising:
    """A lower figure with its reason."""
    return Revising(**{"expected": 350.0, "reason": "Two teams have left the pilot.", **changes})


async def a_promise(cast: Cast, **changes: Any) -> int:
    """A promise of the cast's lead; the answer is its id."""
    return await promise(cast.pilot, promising(**changes), by=cast.lead)


async def a_kept_promise(cast: Cast, share: float = 0.7, **changes: Any) -> int:
    """A promise of which that share was realised, with everything before it."""
    benefit_id = await a_promise(cast, **changes)
    promised = changes.get("promised", 400.0)
    await revise(benefit_id, revising(expected=promised * 0.9), by=cast.lead)
    await measure(benefit_id, measuring(measured=promised * share, low=None, high=None), by=cast.evaluator)
    await realise(benefit_id, realising(realised=promised * share), by=cast.lead)
    return benefit_id


def a_view(*entries: Any, today: date = TODAY, **about: Any) -> BenefitView:
    """A promise of 400 hours due on `DUE` with entries of any kind, newest first; needs no database."""
    stated: dict[str, Any] = {
        "id": 1,
        "pilot_id": 1,
        "pilot_title": "Digital case investigation",
        "simulated": False,
        "organisation_name": None,
        "title": "Fewer hours of documentation",
        "kind": BenefitKind.WORKING_TIME,
        "unit": "hours a week",
        "indicator": "",
        "promised": 400.0,
        "assumptions": "All teams use it.",
        "owner": "The department of care",
        "due": DUE,
        "promiser": "Anna Holm",
        "promised_at": now(),
        "revisions": tuple(one for one in entries if isinstance(one, RevisionView)),
        "measurements": tuple(one for one in entries if isinstance(one, MeasurementView)),
        "realisations": tuple(one for one in entries if isinstance(one, RealisationView)),
    }
    return view(Promise(**{**stated, **about}), today)


def revised(expected: float, due: date = DUE) -> RevisionView:
    """A revision as it is read."""
    return RevisionView(expected, due, "Things have changed.", "Anna Holm", now())


def measured(figure: float, low: float | None = None, high: float | None = None, **about: Any) -> MeasurementView:
    """A measurement as it is read."""
    stated: dict[str, Any] = {
        "source": "Time study",
        "analysis": None,
        "outcome": "",
        "times": 1.0,
        "measured_on": TODAY,
        "by": "Eva Møller",
        "entered_at": now(),
    }
    return MeasurementView(**{**stated, "measured": figure, "low": low, "high": high, **about})


def realised(figure: float, on: date = TODAY) -> RealisationView:
    """What was taken home as it is read."""
    return RealisationView(figure, "Budget 2027", on, "Anna Holm", now())
