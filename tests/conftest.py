import os

import pytest
from hypothesis import settings

from poems_cli.model import Rules
from poems_cli.rules.loading import load_rules
from poems_cli.units import UnitTable

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def rules() -> Rules:
    return load_rules()


@pytest.fixture(scope="session")
def units(rules: Rules) -> UnitTable:
    return rules.units
