import sys

import numpy as np
import scipy

from effects.bundle.versions import versions_here
from effects.version import EFFECTS_VERSION


def test_versions_are_those_that_figures_depend_on() -> None:
    here = versions_here()
    assert (here["effects"], here["numpy"], here["scipy"]) == (EFFECTS_VERSION, np.__version__, scipy.__version__)
    assert here["python"] == ".".join(map(str, sys.version_info[:3]))
    assert here["platform"].strip()
