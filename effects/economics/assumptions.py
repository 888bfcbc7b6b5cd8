"""What a valuation takes for granted, in words: what was stated, and what holds because nothing else was."""

from collections.abc import Iterator

from effects.economics.business_case import BusinessCase
from effects.economics.codes import LineKind, Scope
from effects.economics.discounting import Schedule
from effects.message import Message


def assumptions(case: BusinessCase, schedule: Schedule) -> tuple[Message, ...]:
    """In the order in which a reader asks for them: time, money, haircuts, uncertainty, what a municipality bears."""
    return (*_time(case), *_rate(case, schedule), *_haircuts(case), *_uncertainty(case), *_local(case))


def _time(case: BusinessCase) -> Iterator[Message]:
    yield Message(
        "{years} years from {first}, in prices of {price_year}; the first year is not discounted.",
        {"years": case.horizon_years, "first": case.start_year, "price_year": case.price_year},
    )
    if case.phase_in == (1.0,):
        yield Message("No phase-in is stated: everybody uses the technology from the first year.")
    else:
        shares = ", ".join(f"{100 * share:.0f} %" for share in case.phase_in)
        yield Message("In use in the nation, year by year: {shares}; the last share holds.", {"shares": shares})


def _rate(case: BusinessCase, schedule: Schedule) -> Iterator[Message]:
    rate = round(100 * schedule.first_rate, 6)
    if schedule.from_day is None:
        yield Message("Discounted at {rate} % a year, as stated.", {"rate": rate})
        return
    yield Message(
        "Discounted at the real rate in force on {day}, {rate} % a year ({source}).",
        {"day": case.stated_on, "rate": rate, "source": schedule.source},
    )
    for after, later in schedule.steps[1:]:
        if after < case.horizon_years - 1:
            yield Message("After year {year} the rate is {rate} %.", {"year": after, "rate": round(100 * later, 6)})


def _haircuts(case: BusinessCase) -> Iterator[Message]:
    benefits = [line for line in case.lines if line.kind is LineKind.BENEFIT]
    for kind, factor in case.optimism.items():
        yield Message("Benefits of the kind {kind} are multiplied by {factor}.", {"kind": kind, "factor": factor})
    whole = [line.title for line in benefits if line.benefit_kind not in case.optimism]
    if whole:
        yield Message("No haircut for optimism is made of: {lines}.", {"lines": ", ".join(whole)})


def _uncertainty(case: BusinessCase) -> Iterator[Message]:
    yield Message("Three points are read as a mean of (low + 4 likely + high) / 6 and a spread of (high - low) / 6.")
    yield Message("Different amounts, volumes and effects err independently of each other.")
    if len({line.indicator for line in case.lines if line.indicator is not None}) > 1:
        yield Message(
            "The effects on different indicators err with a correlation of {correlation}, turned so that + is good.",
            {"correlation": case.effect_correlation},
        )
    yield Message("Probabilities take the net value to be normal; the simulation does not.")


def _local(case: BusinessCase) -> Iterator[Message]:
    yield Message(
        "The nation has the mean effect with the error of that mean; a municipality has an effect drawn from the "
        "predictive distribution."
    )
    if any(line.scope is Scope.NATIONAL for line in case.lines):
        yield Message("National costs and benefits are not spread over the municipalities.")
    if case.payers:
        yield Message("Costs and benefits of others than the payers named are shown and not counted.")
