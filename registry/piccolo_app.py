"""The one Piccolo app: every table, each after those it refers to, and where the migrations are."""

from types import ModuleType

from piccolo.conf.apps import AppConfig
from piccolo.table import Table

import registry.analyses.tables
import registry.audit.tables
import registry.benefits.tables
import registry.business_cases.tables
import registry.datasets.tables
import registry.decisions.tables
import registry.deliveries.tables
import registry.evidence.tables
import registry.indicators.tables
import registry.kit.tables
import registry.people.tables
import registry.pilots.tables
import registry.plans.tables
import registry.recommendations.tables
from registry.kit.resources import folder

IN_ORDER = (
    registry.kit.tables,
    registry.audit.tables,
    registry.people.tables,
    registry.pilots.tables,
    registry.indicators.tables,
    registry.plans.tables,
    registry.datasets.tables,
    registry.deliveries.tables,
    registry.analyses.tables,
    registry.business_cases.tables,
    registry.evidence.tables,
    registry.recommendations.tables,
    registry.decisions.tables,
    registry.benefits.tables,
)


def defined_in(module: ModuleType) -> list[type[Table]]:
    """The tables a module defines, in the order they stand there; imported ones belong to another module."""
    return [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Table) and thing.__module__ == module.__name__
    ]


APP_CONFIG = AppConfig(
    app_name="registry",
    migrations_folder_path=folder("migrations"),
    table_classes=[table for module in IN_ORDER for table in defined_in(module)],
)
