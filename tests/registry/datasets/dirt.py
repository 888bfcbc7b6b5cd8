"""Made-up files with what people's files have in them; the number of a file is its seed."""

import csv
import io
from random import Random

from registry.datasets.schema import (
    Column,
    ColumnType,
    DateFormat,
    DecimalMark,
    Delimiter,
    Dialect,
    Encoding,
    FileSchema,
    GroupMark,
    Part,
)
from tests.registry.datasets.obvious import DELIMITERS, GROUPS, ORDERS

MARKS = [
    (DecimalMark.POINT, GroupMark.NONE),
    (DecimalMark.COMMA, GroupMark.NONE),
    (DecimalMark.COMMA, GroupMark.POINT),
    (DecimalMark.POINT, GroupMark.COMMA),
    (DecimalMark.COMMA, GroupMark.SPACE),
]
ODD = {
    ColumnType.TEXT: [
        "Ærø",
        "a b",
        'he said "no"',
        "two\nlines",
        "a\tb",
        "a\u202eb",
        "x" * 501,
        "0x1F",
        "=1+1",
        "\u00a0",
        ".",
    ],
    ColumnType.INTEGER: [
        "1,0",
        "1.5",
        "x",
        "+7",
        "-3",
        "1_000",
        "0x10",
        "9" * 25,
        "007",
        "1e3",
        "٣",
        "1 2",
        "12.34",
        "--1",
    ],
    ColumnType.NUMBER: [
        *["1.5", "1,5", "1.234", "1.234,5", "1,234.5", "1 234,5", "12.34.567", "-0", ".5", ",5", "5.", "5,", "1e5"],
        *[
            "1e999",
            "nan",
            "-Inf",
            "1_0.5",
            "0x1p3",
            "--1",
            "+",
            "e5",
            "1e",
            "1e+",
            "½",
            "١",
            "1e-400",
            "3 kg",
            "1.2345",
        ],
    ],
    ColumnType.DATE: [
        "29-02-2025",
        "29-02-2024",
        "1-2-2024",
        "2024-02-29",
        "31/12/2024",
        "31.12.2024",
        "00-00-0000",
        "today",
    ],
    ColumnType.BOOLEAN01: ["2", "true", "1,0", "1.0", "0,", "01", "ja", "-1", "1,00"],
}


def a_file(seed: int) -> tuple[bytes, FileSchema]:
    """A file and the schema it is to be read by; the header is always right."""
    random = Random(seed)
    decimal, group = random.choice(MARKS)
    dialect = Dialect(
        delimiter=random.choice([mark for mark in Delimiter if mark is not Delimiter.COMMA] or list(Delimiter)),
        encoding=random.choice(list(Encoding)),
        decimal=decimal,
        group=group,
        date_format=random.choice(list(DateFormat)),
        missing=random.choice([("", "NA"), ("",), ("", "-", "999"), ("NA", "null", "0")]),
    )
    schema = FileSchema(_columns(random), dialect, random.choice([("unit", "period"), ("unit",), ()]))
    return _written(random, schema).encode(dialect.encoding.value, "replace"), schema


def _columns(random: Random) -> tuple[Column, ...]:
    period = random.choice([ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DATE])
    least, most = random.choice([(None, None), (0.0, 100.0), (-5.5, None)])
    columns = [
        Column("unit", ColumnType.TEXT, Part.UNIT, required=random.random() < 0.8),
        Column("period", period, Part.PERIOD, required=random.random() < 0.8),
        Column("site", ColumnType.TEXT, Part.CLUSTER, codes=random.choice([(), ("0101", "0147", "Ærø")])),
        Column("treated", ColumnType.BOOLEAN01, Part.TREATED, required=random.random() < 0.5),
        Column("seen", ColumnType.DATE, Part.COVARIATE),
        Column("count", ColumnType.INTEGER, Part.PERSONS, minimum=random.choice([None, 0.0])),
        Column("y", ColumnType.NUMBER, Part.OUTCOME, minimum=least, maximum=most),
    ]
    optional = random.sample(columns[2:6], 2)
    return tuple(column for column in columns if column not in columns[2:6] or column in optional)


def _written(random: Random, schema: FileSchema) -> str:
    columns = [*schema.columns, *random.choice([[], [Column("note", ColumnType.TEXT, Part.COVARIATE)]])]
    random.shuffle(columns)
    dirt = random.choice([0.0, 0.0, 0.01, 0.1, 0.5])
    text = io.StringIO()
    end = random.choice(["\n", "\r\n"])
    quoting = random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.writer(text, delimiter=DELIMITERS[schema.dialect.delimiter], lineterminator=end, quoting=quoting)
    writer.writerow([column.name for column in columns])
    for number in range(random.choice([0, 3, 10, 30, 60])):
        cells = [_cell(random, column, schema.dialect, number, dirt) for column in columns]
        if random.random() < dirt / 5:
            cells = random.choice([cells[:-1], [*cells, "x"], [], [""] * len(cells), [" "] * len(cells)])
        text.write(end) if not cells else writer.writerow(cells)
    whole = text.getvalue()
    return whole.removesuffix(end) if random.random() < 0.3 else whole


def _cell(random: Random, column: Column, dialect: Dialect, number: int, dirt: float) -> str:
    cell = _right(random, column, dialect, number)
    if random.random() >= dirt:
        return cell
    return random.choice(
        [
            *["", " ", "NA", "999", "-"],
            *[f" {cell}", f"{cell}\u00a0", f"\t{cell} "],
            *random.choices(ODD[column.type], k=6),
            *(["010190-1234", "0101901234"] if random.random() < 0.03 else []),
        ]
    )


def _right(random: Random, column: Column, dialect: Dialect, number: int) -> str:
    if column.type is ColumnType.TEXT:
        return {"unit": f"{number // 3:04d}", "period": f"2024-{1 + number % 3:02d}", "site": "0101"}.get(
            column.name, "ok"
        )
    if column.type is ColumnType.INTEGER:
        return str(number % 3 if column.name == "period" else random.randint(0, 5000))
    if column.type is ColumnType.BOOLEAN01:
        return random.choice("01")
    if column.type is ColumnType.DATE:
        order = ORDERS[dialect.date_format]
        parts = {"y": "2024", "m": f"{1 + number % 3:02d}", "d": f"{random.randint(1, 28):02d}"}
        return order[1].join(parts[name] for name in order[::2])
    shown = f"{random.uniform(0, 100):.2f}" if random.random() < 0.7 else f"1{GROUPS[dialect.group]}234.5"
    return shown if dialect.decimal is DecimalMark.POINT else shown[:-3] + shown[-3:].replace(".", ",")
