"""What the house tests look at: the project's own Python files and their functions."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).parents[2]
CODE = ("registry", "effects", "migrations")


@dataclass(frozen=True)
class Module:
    """One source file: its path from the top of the house, text and syntax tree."""

    path: str
    text: str

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def tracked() -> list[str]:
    """Every file git tracks or would track, from the top of the house."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(line for line in listed.stdout.splitlines() if (HOUSE / line).is_file())


def modules(*tops: str) -> list[Module]:
    """The Python files below the named top folders."""
    return [
        Module(path, (HOUSE / path).read_text(encoding="utf-8"))
        for path in tracked()
        if path.endswith(".py") and path.split("/")[0] in tops
    ]
