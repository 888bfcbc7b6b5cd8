"""Analyses and their charts."""

from piccolo.columns import ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.datasets.tables import DatasetVersion
from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account
from registry.plans.tables import Plan


class Analysis(Table, tablename="analysis"):
    """A run, identified by plan, data, effects version and seed: the same identity gives the same bytes in `result`."""

    id: Serial
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    dataset_version = ForeignKey(DatasetVersion, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    effects_version = Varchar(length=20, help_text=NONE)
    seed = Integer(null=False, default=0, help_text=NONE)
    job = Integer(null=True, default=None, help_text=NONE)
    result = Text(null=True, default=None, help_text=NONE)  # the result file, to the byte
    result_sha256 = Varchar(length=64, null=True, default=None, help_text=NONE)
    reruns = Integer(default=0, help_text=NONE)  # how often a rerun gave the same bytes
    requested_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    requested_at = Timestamptz(null=False, default=None, help_text=NONE)
    finished_at = Timestamptz(null=True, default=None, help_text=NONE)
    one_run_of_an_identity = Unique([plan, dataset_version, effects_version, seed])


class Chart(Table, tablename="chart"):
    """A static SVG of an analysis in one language."""

    id: Serial
    analysis = ForeignKey(Analysis, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    language = Varchar(length=2, help_text=NONE)
    svg = Text(help_text=NONE)
    one_a_language = Unique([analysis, language])


class Retraction(Table, tablename="analysis_retraction"):
    """That a result turned out to be wrong, and why; whatever rests on it is outdated and stays readable."""

    id: Serial
    analysis = ForeignKey(Analysis, null=False, on_delete=OnDelete.restrict, unique=True, help_text=NONE)
    reason = Text(help_text=OPINION)
    retracted_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    retracted_at = Timestamptz(null=False, default=None, help_text=NONE)
