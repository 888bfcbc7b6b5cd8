"""The documents are kept by the code they describe."""

import re

import pytest
from piccolo.table import Table

from registry.cli import parser
from registry.kit import personal
from registry.piccolo_app import APP_CONFIG
from tests.house.source import HOUSE, tracked

README = (HOUSE / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (HOUSE / "ARCHITECTURE.md").read_text(encoding="utf-8")
GLOSSARY = (HOUSE / "GLOSSARY.md").read_text(encoding="utf-8")
OPERATIONS = (HOUSE / "OPERATIONS.md").read_text(encoding="utf-8")
TEXTS = [path for path in tracked() if not path.endswith((".png", ".ico", ".woff2"))]


def test_every_command_is_in_the_readme() -> None:
    commands = re.findall(r"^    (\w+)  ", parser().format_help(), re.MULTILINE)
    assert {"demo", "analyse"} <= set(commands)
    assert [name for name in commands if f"`virkning {name}`" not in README] == []


def test_every_setting_is_in_the_readme() -> None:
    settings = (HOUSE / "registry" / "settings.py").read_text(encoding="utf-8")
    names = re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"', settings)
    assert len(names) > 10
    missing = [name for name in names if name not in README]
    assert missing == []


def test_what_operations_tells_to_type_can_be_typed() -> None:
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```$", OPERATIONS, re.MULTILINE | re.DOTALL))
    calls = re.findall(r"^virkning ([^#|;&\n]*)", blocks, re.MULTILINE)
    assert len(calls) > 10
    for call in calls:
        parser().parse_args(call.split())


def test_every_dependency_says_why() -> None:
    project = (HOUSE / "pyproject.toml").read_text(encoding="utf-8")
    entries = [line for line in project.splitlines() if re.match(r'\s+"[\w\[\],.-]+[>=]=', line)]
    assert [line for line in entries if "#" not in line] == []
    assert len(entries) > 20


def test_security_properties_name_files_that_exist() -> None:
    rows = re.findall(r"^\| .+? \| `([^`]+)` \| `([^`]+)` \|$", ARCHITECTURE, re.MULTILINE)
    assert len(rows) >= 15
    assert [path for row in rows for path in row if not (HOUSE / path.split("::")[0]).exists()] == []


@pytest.mark.parametrize("table", APP_CONFIG.table_classes, ids=lambda table: table._meta.tablename)
def test_every_noun_is_in_the_glossary(table: type[Table]) -> None:
    assert f"`{table.__name__}`" in GLOSSARY


@pytest.mark.parametrize("table", APP_CONFIG.table_classes, ids=lambda table: table._meta.tablename)
def test_every_column_states_its_personal_class(table: type[Table]) -> None:
    stated = {personal.NONE, personal.IDENTITY, personal.CONTACT, personal.OPINION, personal.SECRET}
    columns = [column for column in table._meta.columns if column._meta.name != "id"]
    assert [column._meta.name for column in columns if column._meta.help_text not in stated] == []


def test_no_file_names_an_index_host_or_a_place_on_this_machine() -> None:
    hosts = re.compile(
        "|".join(["py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.(org|com)", "deb" + r"ian\.org"])
    )
    places = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]))
    named = [p for p in TEXTS if hosts.search(text := (HOUSE / p).read_text("utf-8")) or places.search(text)]
    assert named == []
