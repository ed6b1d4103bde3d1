"""The records that all others share: what the rules say, what is known of a patient, and the assessment.

Plain immutable records without behavior of their own. They are named tuples rather than dataclasses because a dataclass
compiles its methods each time the program starts: those of the expressions alone would cost a tenth of a whole run.

Three values: a truth is ``True`` (present, met), ``False`` (absent, not met) or ``None`` (unknown, undetermined). Unknown is
never treated as absent.
"""

from poems_cli.model.assessment import *
from poems_cli.model.expressions import *
from poems_cli.model.findings import *
from poems_cli.model.mimics import *
from poems_cli.model.patient import *
from poems_cli.model.questionnaire import *
from poems_cli.model.rules import *
from poems_cli.model.workup import *
