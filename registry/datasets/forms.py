"""Templates to fill in: the columns that the plan asks for and, where it has them, the codes of the sites."""

from collections.abc import Iterable, Sequence

from registry.datasets.schema import DELIMITERS, ColumnType, FileSchema, Part
from registry.kit.tabular import csv_file, xlsx_file
from registry.people.rules import OrganisationKind
from registry.pilots.schemas import SiteView

PLACES = (OrganisationKind.MUNICIPALITY, OrganisationKind.REGION)


def template_rows(schema: FileSchema, sites: Iterable[SiteView]) -> tuple[list[str], list[Sequence[str]]]:
    """The column names, and a row for each municipality or region with its code at the level of assignment."""
    header = [column.name for column in schema.columns]
    levels = schema.named(Part.CLUSTER) or schema.named(Part.UNIT)
    codes = [site.code for site in sites if site.kind in PLACES] if levels else []
    return header, [[code if name == levels[0].name else "" for name in header] for code in codes]


def csv_template(schema: FileSchema, sites: Iterable[SiteView]) -> bytes:
    """The template as CSV in the dialect of the schema."""
    header, rows = template_rows(schema, sites)
    return csv_file(header, rows, DELIMITERS[schema.dialect.delimiter])


def xlsx_template(schema: FileSchema, sites: Iterable[SiteView]) -> bytes:
    """The template as a workbook whose text columns keep their zeros."""
    header, rows = template_rows(schema, sites)
    texts = {column.name for column in schema.columns if column.type is ColumnType.TEXT}
    return xlsx_file(header, rows, "data", texts)
