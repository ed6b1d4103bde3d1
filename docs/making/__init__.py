"""Makes the parts of the documentation that come from the program itself; ``docs/build.py`` puts them in place."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the program next to these pages, whatever else is installed
