"""The tables of the chain, from people to decisions, in 0.1.0, frozen: a later migration changes them, never this."""

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

ID = "registry_0002"


def key(table: type[Table], null: bool = False) -> ForeignKey[Any]:
    return ForeignKey(table, null=null, on_delete=OnDelete.restrict)


def moment(null: bool = False) -> Timestamptz:
    return Timestamptz(null=null, default=None)


class Region(Table, tablename="region"):
    id: Serial
    code = Varchar(length=4, unique=True)
    name = Varchar(length=80)
    valid_from = Date(null=False, default=None)
    valid_to = Date(null=True, default=None)


class Organisation(Table, tablename="organisation"):
    id: Serial
    kind = Varchar(length=20)
    code = Varchar(length=12)
    name = Varchar(length=120)
    region = key(Region, null=True)
    population = Integer(null=True, default=None)
    size_class = Varchar(length=10, null=True, default=None)
    size_class_year = Integer(null=True, default=None)
    one_code_of_a_kind = Unique([kind, code])


class Account(Table, tablename="account"):
    id: Serial
    email = Varchar(length=254, unique=True)
    name = Varchar(length=120)
    password_hash = Varchar(length=200)
    organisation = key(Organisation)
    language = Varchar(length=2, default="da")
    active = Boolean(default=True)
    created_at = moment()
    version = Integer(default=1)


class RoleGrant(Table, tablename="role_grant"):
    id: Serial
    account = key(Account)
    role = Varchar(length=20)
    organisation = key(Organisation, null=True)
    pilot = Integer(null=True, default=None)
    stakeholder_group = Varchar(length=20, null=True, default=None)
    granted_by = Integer(null=True, default=None)
    granted_at = moment()
    revoked_at = moment(null=True)


class LoginAttempt(Table, tablename="login_attempt"):
    id: Serial
    key = Varchar(length=64, index=True)
    at = moment()


class Technology(Table, tablename="technology"):
    id: Serial
    name = Varchar(length=120)
    major_version = Varchar(length=20)
    description = Text(default="")
    supplier = Varchar(length=120, default="")
    one_of_a_name_and_version = Unique([name, major_version])


class Pilot(Table, tablename="pilot"):
    id: Serial
    title = Varchar(length=200)
    kind = Varchar(length=30)
    technology = key(Technology)
    technology_version = Varchar(length=40, default="")
    organisation = key(Organisation)
    target_group = Varchar(length=300, default="")
    description = Text(default="")
    starts = Date(null=True, default=None)
    ends = Date(null=True, default=None)
    legal_basis = Varchar(length=300, default="")
    dpia = Varchar(length=20, default="unknown")
    visibility = Varchar(length=20, default="private")
    simulated = Boolean(default=False)
    source = Text(default="")
    registered_by = key(Account, null=True)
    registered_at = moment()
    version = Integer(default=1)


class Site(Table, tablename="site"):
    id: Serial
    pilot = key(Pilot)
    organisation = key(Organisation)
    part = Varchar(length=20)
    size_class = Varchar(length=10, null=True, default=None)
    size_class_year = Integer(null=True, default=None)
    once_in_a_pilot = Unique([pilot, organisation])


class Milestone(Table, tablename="milestone"):
    id: Serial
    pilot = key(Pilot)
    title = Varchar(length=200)
    due = Date(null=False, default=None)
    done_at = Date(null=True, default=None)


class Amendment(Table, tablename="amendment"):
    id: Serial
    pilot = key(Pilot)
    weight = Varchar(length=10)
    reason = Text()
    changes = Text()
    amended_by = key(Account)
    amended_at = moment()


class LibraryIndicator(Table, tablename="library_indicator"):
    id: Serial
    code = Varchar(length=60, unique=True)
    name_da = Varchar(length=200)
    name_en = Varchar(length=200)
    perspective = Varchar(length=20)
    domain = Varchar(length=20)
    better = Varchar(length=10)
    unit = Varchar(length=80)
    wording_da = Text()
    wording_en = Text()
    source = Text(default="")


class Indicator(Table, tablename="indicator"):
    id: Serial
    pilot = key(Pilot)
    library = key(LibraryIndicator, null=True)
    code = Varchar(length=60)
    name = Varchar(length=200)
    wording = Text()
    domain = Varchar(length=20)
    role = Varchar(length=20)
    better = Varchar(length=10)
    unit = Varchar(length=80, default="")
    minimal_important = DoublePrecision(null=True, default=None)
    margin = DoublePrecision(null=True, default=None)
    proposed_by = key(Account)
    proposed_at = moment()
    withdrawn_at = moment(null=True)
    one_code_in_a_pilot = Unique([pilot, code])


class Round(Table, tablename="rating_round"):
    id: Serial
    pilot = key(Pilot)
    number = Integer(default=1)
    opened_by = key(Account)
    opened_at = moment()
    closed_at = moment(null=True)
    one_number_in_a_pilot = Unique([pilot, number])


class Rating(Table, tablename="rating"):
    id: Serial
    round = key(Round)
    indicator = key(Indicator)
    account = key(Account)
    stakeholder_group = Varchar(length=20)
    score = Integer(null=False, default=0)
    dissent = Text(default="")
    rated_at = moment()
    one_score_a_person = Unique([round, indicator, account])


class Agreement(Table, tablename="agreement"):
    id: Serial
    round = key(Round)
    indicator = key(Indicator)
    outcome = Varchar(length=20)
    wording = Text()
    tallies = Text()
    dissent = Text()
    agreed_at = moment()
    once_a_round = Unique([round, indicator])


class Plan(Table, tablename="plan"):
    id: Serial
    pilot = key(Pilot)
    number = Integer(null=False, default=1)
    title = Varchar(length=200)
    toml = Text()
    fingerprint = Varchar(length=80)
    agreement = Text(default="{}")
    supersedes: ForeignKey[Any] = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    superseded_reason = Text(default="")
    drafted_by = key(Account)
    drafted_at = moment()
    locked_by = key(Account, null=True)
    locked_at = moment(null=True)
    version = Integer(default=1)
    one_number_in_a_pilot = Unique([pilot, number])


class Upload(Table, tablename="upload"):
    id: Serial
    pilot = key(Pilot)
    plan = key(Plan)
    filename = Varchar(length=200)
    size = Integer(null=False, default=0)
    sha256 = Varchar(length=64)
    schema = Text()
    state = Varchar(length=20)
    findings = Text(default="[]")
    purpose = Varchar(length=300)
    legal_basis = Varchar(length=300)
    retain_until = Date(null=False, default=None)
    job = Integer(null=True, default=None)
    uploaded_by = key(Account)
    uploaded_at = moment()


class DatasetVersion(Table, tablename="dataset_version"):
    id: Serial
    pilot = key(Pilot)
    plan = key(Plan)
    upload = key(Upload)
    number = Integer(null=False, default=1)
    sha256 = Varchar(length=64)
    content = Varchar(length=80)
    stored = Varchar(length=80)
    rows = Integer(null=False, default=0)
    columns = Text()
    completeness = Text()
    uploaded_by = key(Account)
    stored_at = moment()
    approved_by = key(Account, null=True)
    approved_at = moment(null=True)
    rejected_by = key(Account, null=True)
    rejected_at = moment(null=True)
    rejected_reason = Text(default="")
    one_number_in_a_pilot = Unique([pilot, number])
    one_content_in_a_pilot = Unique([pilot, content])


class Analysis(Table, tablename="analysis"):
    id: Serial
    plan = key(Plan)
    dataset_version = key(DatasetVersion)
    effects_version = Varchar(length=20)
    seed = Integer(null=False, default=0)
    job = Integer(null=True, default=None)
    result = Text(null=True, default=None)
    result_sha256 = Varchar(length=64, null=True, default=None)
    reruns = Integer(default=0)
    requested_by = key(Account)
    requested_at = moment()
    finished_at = moment(null=True)
    one_run_of_an_identity = Unique([plan, dataset_version, effects_version, seed])


class Chart(Table, tablename="chart"):
    id: Serial
    analysis = key(Analysis)
    language = Varchar(length=2)
    svg = Text()
    one_a_language = Unique([analysis, language])


class Assessment(Table, tablename="assessment"):
    id: Serial
    pilot = key(Pilot)
    analysis = key(Analysis, null=True)
    source = Text(default="")
    facts = Text(default="{}")
    case = Text()
    ruleset = Varchar(length=20)
    grade = Text(null=True, default=None)
    remark = Text(default="")
    job = Integer(null=True, default=None)
    assessed_by = key(Account)
    assessed_at = moment()
    approved_by = key(Account, null=True)
    approved_at = moment(null=True)


class Recommendation(Table, tablename="recommendation"):
    id: Serial
    technology = key(Technology)
    assessment = key(Assessment)
    ruleset = Varchar(length=20)
    kind = Varchar(length=30)
    rule = Varchar(length=10)
    advice = Text()
    issued_by = key(Account)
    issued_at = moment()
    one_an_assessment = Unique([assessment])


class Decision(Table, tablename="decision"):
    id: Serial
    recommendation = ForeignKey(Recommendation, null=False, on_delete=OnDelete.restrict, unique=True)
    choice = Varchar(length=30)
    deviates = Boolean(default=False)
    reason = Text()
    review_on = Date(null=True, default=None)
    decided_by = key(Account)
    decided_at = moment()


class Condition(Table, tablename="condition"):
    id: Serial
    decision = key(Decision)
    text = Text()
    owner = Varchar(length=120)
    due = Date(null=False, default=None)


TABLES: list[type[Table]] = [
    Region,
    Organisation,
    Account,
    RoleGrant,
    LoginAttempt,
    Technology,
    Pilot,
    Site,
    Milestone,
    Amendment,
    LibraryIndicator,
    Indicator,
    Round,
    Rating,
    Agreement,
    Plan,
    Upload,
    DatasetVersion,
    Analysis,
    Chart,
    Assessment,
    Recommendation,
    Decision,
    Condition,
]


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="registry", description="the chain, from people to decisions")

    async def create() -> None:
        await create_tables(TABLES)

    async def drop() -> None:
        await drop_tables(TABLES)

    manager.add_raw(create)
    manager.add_raw_backwards(drop)
    return manager
