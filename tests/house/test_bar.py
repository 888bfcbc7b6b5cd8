"""The bar of the architecture, measured at every commit."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from tests.house.source import CODE, Module, modules, tracked

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "data"}
SUPPRESSION = re.compile(r"#\s*(type:\s*ignore|noqa|pragma:\s*no cover)")


def share(values: list[int], part: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def has_logic(module: Module) -> bool:
    """Whether a file defines behaviour: declarations and docstrings need no test of their own."""
    return any(True for _ in module.functions())


def mirror(path: str) -> str:
    place = PurePosixPath(path)
    return str(PurePosixPath("tests", *place.parts[:-1], f"test_{place.name}"))


def test_files_are_short() -> None:
    lines = {module.path: module.lines for module in modules(*CODE) if module.lines > 1}
    assert {path: n for path, n in lines.items() if n > 400} == {}
    assert share(list(lines.values()), 0.5) <= 120
    assert share(list(lines.values()), 0.95) <= 300


def test_functions_are_short() -> None:
    lengths = {f"{m.path}:{f.name}": length(f) for m in modules(*CODE) for f in m.functions()}
    assert {name: n for name, n in lengths.items() if n > 60} == {}
    assert share(list(lengths.values()), 0.95) <= 35


def test_every_module_with_logic_has_its_test_file() -> None:
    present = set(tracked())
    missing = [m.path for m in modules("registry", "effects") if has_logic(m) and m.path.endswith(".py")]
    missing = [path for path in missing if not path.endswith("__init__.py") and mirror(path) not in present]
    assert missing == []


def test_every_test_file_mirrors_a_module() -> None:
    present = set(tracked())
    tests = [p for p in present if re.fullmatch(r"tests/(registry|effects)/(.*/)?test_\w+\.py", p)]
    orphans = [p for p in tests if re.sub(r"test_(\w+\.py)$", r"\1", p.removeprefix("tests/")) not in present]
    assert orphans == []


def test_tests_measure_their_code() -> None:
    code = sum(module.lines for module in modules("registry", "effects"))
    tests = sum(module.lines for module in modules("tests"))
    assert 1.2 <= tests / code <= 1.8, f"{tests} lines of tests on {code} lines of code"


def test_mocks_are_the_exception() -> None:
    texts = [module.text for module in modules("tests") if not module.path.startswith("tests/house")]
    tests = sum(len(re.findall(r"^\s*(?:async )?def test_", text, re.MULTILINE)) for text in texts)
    mocks = sum(len(re.findall(r"\bmonkeypatch\.set|\bmock\.|\bMagicMock\b|\bpatch\(", text)) for text in texts)
    assert mocks <= tests * 5 / 100


def test_suppressions_are_rare() -> None:
    code = modules(*CODE)
    found = [f"{m.path}: {line.strip()}" for m in code for line in m.text.splitlines() if SUPPRESSION.search(line)]
    assert len(found) <= sum(m.lines for m in code) * 0.3 / 1000, found


def test_imports_stand_at_the_top() -> None:
    """Only the command line loads a command's body when it is called; the effects package is lazy by contract."""
    lazy = {"registry/cli.py", "effects/__init__.py"}
    inside = [
        f"{module.path}:{node.lineno}"
        for module in modules("registry", "effects")
        if module.path not in lazy
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


@pytest.mark.parametrize("folder", CODE)
def test_module_names_say_what_they_hold(folder: str) -> None:
    names = {part for m in modules(folder) for part in PurePosixPath(m.path).with_suffix("").parts}
    assert names & FORBIDDEN_NAMES == set()


def test_only_settings_reads_the_environment() -> None:
    reads = re.compile(r"os\.environ(?!\[\w+\] = )|getenv\(")  # the pool sets, and never reads, the thread counts
    readers = [module.path for module in modules("registry", "effects") if reads.search(module.text)]
    assert readers == ["registry/settings.py"]


def test_only_the_clock_tells_the_time() -> None:
    clocks = [m.path for m in modules("registry", "effects") if re.search(r"datetime\.now|date\.today|utcnow", m.text)]
    assert set(clocks) <= {"registry/kit/clock.py"}
