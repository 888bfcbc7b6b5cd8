import subprocess
import sys

import effects.economics


def test_what_a_page_may_read_loads_no_numbers_library() -> None:
    said = "import sys, effects.economics; print(sorted({'numpy', 'pandas', 'scipy'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_every_public_name_exists() -> None:
    assert [name for name in effects.economics.__all__ if not hasattr(effects.economics, name)] == []
