"""Evidence across pilots, business cases, promises, simulations and withdrawals; frozen: a later one changes them."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import (
    Boolean,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.kit.database import create_tables, drop_tables

ID = "registry_0005"


def key(table: type[Table], **options: Any) -> ForeignKey[Any]:
    return ForeignKey(table, on_delete=OnDelete.restrict, **{"null": False, **options})


def moment() -> Timestamptz:
    return Timestamptz(null=False, default=None)


def day() -> Date:
    return Date(null=False, default=None)


class Account(Table, tablename="account"):
    id: Serial


class Organisation(Table, tablename="organisation"):
    id: Serial


class Technology(Table, tablename="technology"):
    id: Serial


class Pilot(Table, tablename="pilot"):
    id: Serial


class Plan(Table, tablename="plan"):
    id: Serial


class DatasetVersion(Table, tablename="dataset_version"):
    id: Serial


class Analysis(Table, tablename="analysis"):
    id: Serial


class Recommendation(Table, tablename="recommendation"):
    id: Serial


class Decision(Table, tablename="decision"):
    id: Serial


class Simulation(Table, tablename="decision_simulation"):
    id: Serial
    plan = key(Plan)
    fingerprint = Varchar(length=80)
    request = Text()
    result = Text(null=True, default=None)
    job = Integer(null=True, default=None)
    requested_by = key(Account)
    requested_at = moment()
    seen_by = key(Account, null=True)
    seen_at = Timestamptz(null=True, default=None)
    unsettled_reason = Text(default="")


class DatasetWithdrawal(Table, tablename="dataset_withdrawal"):
    id: Serial
    version = key(DatasetVersion, unique=True)
    reason = Text()
    withdrawn_by = key(Account)
    withdrawn_at = moment()


class Retraction(Table, tablename="analysis_retraction"):
    id: Serial
    analysis = key(Analysis, unique=True)
    reason = Text()
    retracted_by = key(Account)
    retracted_at = moment()


class BusinessCase(Table, tablename="business_case"):
    id: Serial
    technology = key(Technology)
    number = Integer(null=False, default=1)
    stated = Text()
    reason = Text(default="")
    valuation = Text(null=True, default=None)
    job = Integer(null=True, default=None)
    stated_by = key(Account)
    stated_at = moment()
    one_number_in_a_technology = Unique([technology, number])


class Synthesis(Table, tablename="synthesis"):
    id: Serial
    technology = key(Technology)
    number = Integer(null=False, default=1)
    assessments = Text()
    case = Text()
    ruleset = Varchar(length=20)
    result = Text(null=True, default=None)
    decides = Boolean(default=False)
    job = Integer(null=True, default=None)
    made_at = moment()
    one_number_in_a_technology = Unique([technology, number])


class Basis(Table, tablename="recommendation_basis"):
    id: Serial
    recommendation = key(Recommendation, unique=True)
    synthesis = key(Synthesis, null=True)
    business_case = key(BusinessCase, null=True)
    valuation = Text(null=True, default=None)


class StagedRollout(Table, tablename="staged_rollout"):
    id: Serial
    decision = key(Decision, unique=True)
    seed = Integer(null=False, default=0)
    stages = Text()
    plan = Text()
    drawn_by = key(Account)
    drawn_at = moment()


class Benefit(Table, tablename="benefit"):
    id: Serial
    pilot = key(Pilot)
    organisation = key(Organisation, null=True)
    title = Varchar(length=200)
    kind = Varchar(length=30)
    unit = Varchar(length=80)
    indicator = Varchar(length=60, default="")
    promised = DoublePrecision(null=False, default=0.0)
    assumptions = Text(default="")
    owner = Varchar(length=120)
    due = day()
    promised_by = key(Account)
    promised_at = moment()


class Revision(Table, tablename="benefit_revision"):
    id: Serial
    benefit = key(Benefit)
    expected = DoublePrecision(null=False, default=0.0)
    due = day()
    reason = Text()
    revised_by = key(Account)
    revised_at = moment()


class Measurement(Table, tablename="benefit_measurement"):
    id: Serial
    benefit = key(Benefit)
    analysis = key(Analysis, null=True)
    outcome = Text(default="")
    times = DoublePrecision(null=False, default=1.0)
    measured = DoublePrecision(null=False, default=0.0)
    low = DoublePrecision(null=True, default=None)
    high = DoublePrecision(null=True, default=None)
    source = Text(default="")
    measured_on = day()
    entered_by = key(Account)
    entered_at = moment()


class Realisation(Table, tablename="benefit_realisation"):
    id: Serial
    benefit = key(Benefit)
    realised = DoublePrecision(null=False, default=0.0)
    source = Text()
    realised_on = day()
    entered_by = key(Account)
    entered_at = moment()


TABLES = [
    Simulation,
    DatasetWithdrawal,
    Retraction,
    BusinessCase,
    Synthesis,
    Basis,
    StagedRollout,
    Benefit,
    Revision,
    Measurement,
    Realisation,
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description="from estimates to a recommendation")

    async def create() -> None:
        await create_tables(TABLES)

    async def drop() -> None:
        await drop_tables(TABLES)

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
