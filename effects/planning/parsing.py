"""A mapping to plan sections: every key of the plan file is named here once."""

from collections.abc import Mapping

from effects.codes import (
    Adjustment,
    BasePeriod,
    Better,
    BootstrapKind,
    BootstrapWeights,
    Calibration,
    Change,
    Claim,
    Control,
    Design,
    DfMethod,
    Domain,
    Estimand,
    Estimator,
    Family,
    FixedEffect,
    IndexMethod,
    MissingMethod,
    Role,
    Spillover,
    StandardError,
    Strategy,
    WorkingModel,
    WorkingVariance,
)
from effects.errors import Finding
from effects.planning.reading import TableReader
from effects.planning.sections import (
    SCHEMA,
    Bootstrap,
    DataRoles,
    Index,
    Inference,
    IntercurrentEvent,
    Missing,
    Model,
    Multiplicity,
    Outcome,
    Permutation,
    PlanSections,
    Subgroup,
    Survey,
)


def parse_sections(mapping: Mapping[str, object]) -> tuple[PlanSections, list[Finding]]:
    """The sections that can be read and every finding; a section with findings holds placeholders in those places."""
    findings: list[Finding] = []
    top = TableReader(mapping, "", findings)
    if top.text("schema", required=True) not in (None, SCHEMA):
        findings.append(
            Finding(
                where="schema",
                code="unknown_schema",
                message="This version reads plans of schema {schema} only.",
                remedy='State schema = "{schema}".',
                params={"schema": SCHEMA},
            )
        )
    sections = PlanSections(
        title=top.text("title", required=True) or "",
        design=top.code("design", Design, required=True) or Design.INDIVIDUAL_RANDOMISED,
        estimand=top.code("estimand", Estimand, required=True) or Estimand.ITT,
        data=_data(top.table("data", required=True)),
        outcomes=_outcomes(top, findings),
        model=_model(top.table("model")),
        inference=_inference(top.table("inference")),
        missing=_missing(top.table("missing")),
        survey=_survey(top.table("survey")),
        multiplicity=_multiplicity(top.table("multiplicity")),
        subgroups=tuple(_subgroup(reader) for reader in top.tables("subgroup")),
        indices=tuple(_index(reader) for reader in top.tables("index")),
        spillover=top.code("spillover", Spillover),
        intercurrent_events=tuple(_intercurrent_event(reader) for reader in top.tables("intercurrent_event")),
    )
    top.close()
    return sections, findings


def _data(reader: TableReader) -> DataRoles:
    roles = DataRoles(
        unit=reader.text("unit"),
        period=reader.text("period"),
        cluster=reader.text("cluster"),
        treated=reader.text("treated"),
        first_treated=reader.text("first_treated"),
        received=reader.text("received"),
        start=reader.moment("start"),
        group=reader.text("group"),
        weight=reader.text("weight"),
        strata=reader.text("strata"),
        sequence=reader.text("sequence"),
        persons=reader.text("persons"),
    )
    reader.close()
    return roles


def _outcomes(top: TableReader, findings: list[Finding]) -> tuple[Outcome, ...]:
    readers = top.tables("outcome")
    if not readers:
        findings.append(
            Finding(
                where="outcome",
                code="no_outcome",
                message="The plan states no outcome.",
                remedy="Add at least one [[outcome]].",
            )
        )
    return tuple(_outcome(reader) for reader in readers)


def _outcome(reader: TableReader) -> Outcome:
    outcome = Outcome(
        column=reader.text("column", required=True) or "",
        role=reader.code("role", Role, required=True) or Role.SECONDARY,
        domain=reader.code("domain", Domain, required=True) or Domain.CITIZEN,
        better=reader.code("better", Better, required=True) or Better.HIGHER,
        name=reader.text("name"),
        claim=reader.code("claim", Claim),
        minimal_important=reader.number("minimal_important"),
        margin=reader.number("margin"),
        covariates=reader.texts("covariates"),
        family=reader.code("family", Family),
        offset=reader.text("offset"),
    )
    reader.close()
    return outcome


def _model(reader: TableReader) -> Model:
    model = Model(
        fixed_effects=reader.codes("fixed_effects", FixedEffect),
        control=reader.code("control", Control),
        base_period=reader.code("base_period", BasePeriod),
        anticipation=reader.number("anticipation"),
        working_model=reader.code("working_model", WorkingModel),
        estimator=reader.code("estimator", Estimator),
        harmonics=reader.count("harmonics", least=0, most=100),
        period_length=reader.number("period_length"),
        change=reader.codes("change", Change),
    )
    reader.close()
    return model


def _inference(reader: TableReader) -> Inference:
    inference = Inference(
        level=reader.number("level"),
        standard_error=reader.code("standard_error", StandardError),
        working_variance=reader.code("working_variance", WorkingVariance),
        lag=reader.count("lag", least=0, most=10_000),
        bootstrap=_bootstrap(reader),
        permutation=_permutation(reader),
        df_method=reader.code("df_method", DfMethod),
        seed=reader.count("seed", least=0),
    )
    reader.close()
    return inference


def _bootstrap(reader: TableReader) -> Bootstrap | None:
    table = reader.table("bootstrap")
    if not table.stated():
        return None
    bootstrap = Bootstrap(
        kind=table.code("kind", BootstrapKind, required=True) or BootstrapKind.WILD,
        weights=table.code("weights", BootstrapWeights),
        draws=table.count("draws", least=99, most=10_000_000),
    )
    table.close()
    return bootstrap


def _permutation(reader: TableReader) -> Permutation | None:
    table = reader.table("permutation")
    if not table.stated():
        return None
    permutation = Permutation(draws=table.count("draws", least=99, most=10_000_000))
    table.close()
    return permutation


def _missing(reader: TableReader) -> Missing:
    missing = Missing(
        method=reader.code("method", MissingMethod), imputations=reader.count("imputations", least=2, most=10_000)
    )
    reader.close()
    return missing


def _survey(reader: TableReader) -> Survey:
    margins = reader.table("margins")
    survey = Survey(
        fpc=reader.text("fpc"),
        calibration=reader.code("calibration", Calibration),
        margins={column: _totals(margins.table(column)) for column in margins.stated()},
        wave=reader.text("wave"),
    )
    reader.close()
    return survey


def _totals(reader: TableReader) -> dict[str, float]:
    return {level: total for level in reader.stated() if (total := reader.number(level)) is not None}


def _multiplicity(reader: TableReader) -> Multiplicity:
    multiplicity = Multiplicity(
        primary=reader.code("primary", Adjustment), secondary=reader.code("secondary", Adjustment)
    )
    reader.close()
    return multiplicity


def _intercurrent_event(reader: TableReader) -> IntercurrentEvent:
    event = IntercurrentEvent(
        event=reader.text("event", required=True) or "",
        strategy=reader.code("strategy", Strategy, required=True) or Strategy.TREATMENT_POLICY,
    )
    reader.close()
    return event


def _index(reader: TableReader) -> Index:
    index = Index(
        name=reader.text("name", required=True) or "",
        domain=reader.code("domain", Domain, required=True) or Domain.CITIZEN,
        method=reader.code("method", IndexMethod, required=True) or IndexMethod.KLING_LIEBMAN_KATZ,
        outcomes=reader.texts("outcomes"),
        role=reader.code("role", Role, required=True) or Role.SECONDARY,
        minimal_important=reader.number("minimal_important"),
    )
    reader.close()
    return index


def _subgroup(reader: TableReader) -> Subgroup:
    subgroup = Subgroup(column=reader.text("column", required=True) or "")
    reader.close()
    return subgroup
