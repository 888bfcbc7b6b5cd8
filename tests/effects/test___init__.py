import subprocess
import sys
from functools import cache

import pytest

import effects

ANALYSE = "from effects import analyse\nassert callable(analyse) and analyse.__name__ == 'analyse'"
COMMAND = f"import effects.command\n{ANALYSE}"


@cache
def loaded_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_plan_loads_neither_numpy_nor_any_estimator() -> None:
    loaded = loaded_after("import effects\neffects.AnalysisPlan\neffects.__version__")
    assert "effects.plan" in loaded
    assert not loaded & {"numpy", "pandas", "scipy", "statsmodels", "duckdb", "effects.analyse"}


def test_importing_the_package_loads_nothing_but_its_version() -> None:
    loaded = {name for name in loaded_after("import effects") if name.startswith("effects")}
    assert loaded == {"effects", "effects.version"}


def test_nothing_of_the_service_is_ever_loaded() -> None:
    loaded = loaded_after(COMMAND)
    assert not {name.split(".")[0] for name in loaded} & {"registry", "litestar", "piccolo", "jinja2"}


def test_every_public_name_can_be_imported() -> None:
    for name in effects.__all__:
        assert getattr(effects, name) is not None


def test_analyse_is_the_function_in_whatever_order_modules_are_imported() -> None:
    for statements in (COMMAND, f"from effects.analyse import analyse as other\n{ANALYSE}"):
        assert "effects.analyse" in loaded_after(statements)


def test_the_version_is_public() -> None:
    assert effects.__version__ == "0.1.0"


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'magic'"):
        effects.__getattr__("magic")


def test_public_modules_need_no_import_of_their_own() -> None:
    public = ("disclosure", "grading", "moments", "power", "recommendation", "simulate")
    assert all(getattr(effects, name).__name__ == f"effects.{name}" for name in public)
    loaded = loaded_after("import effects\neffects.power.solve")
    assert "effects.power.solving" in loaded
    assert not loaded & {"pandas", "duckdb", "effects.analyse"}
