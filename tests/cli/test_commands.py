"""The other commands: explain, rules lint, test and show, --version, and the help texts."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from poems_cli import __version__
from poems_cli.commands.command_help import COLUMNS, LISTS, SETS
from poems_cli.engine.answer_columns import every_column
from poems_cli.explain import lists
from poems_cli.explain.topics import Index
from poems_cli.model import Rules
from poems_cli.report.words import links_of
from poems_cli.rules.links import RESOLVERS, built_in_hosts
from tests.cli.command import ROOT, poems
from tests.cli.test_plain_english import stumbles


@pytest.mark.parametrize("topic", ["poems", "vegf_elevated", "mhlw"])
def test_explain_a_topic(topic: str, rules: Rules, tmp_path: Path) -> None:
    assert Index(rules).find(topic)
    ran = poems("explain", topic, folder=tmp_path, COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    page = poems("explain", topic, "--markdown", folder=tmp_path)
    assert (page.code, page.err) == (0, "")
    assert page.out.startswith("# ")


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("vegf_elevatd", "did you mean 'vegf_elevated'?"),
        ("Papiledema", "did you mean 'papilledema'?"),
        ("serum", "'serum_vegf' or "),
        ("qqqq", "poems explain topics lists what there is"),
    ],
)
def test_explain_an_unknown_topic(topic: str, message: str, tmp_path: Path) -> None:
    ran = poems("explain", topic, folder=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert f"no topic {topic!r}; " in ran.err
    assert message in ran.err


def test_explain_lists_its_topics_and_takes_a_name_of_several_words(tmp_path: Path) -> None:
    overview = poems("explain", folder=tmp_path)
    assert overview == poems("explain", "topics", folder=tmp_path)
    assert (overview.code, overview.err) == (0, "")
    assert max(map(len, overview.out.splitlines())) <= 100
    assert poems("explain", "Crow", "Fukase", folder=tmp_path) == poems("explain", "poems", folder=tmp_path)


def test_explain_knows_a_finding_by_any_of_its_names(tmp_path: Path) -> None:
    ran = poems("explain", "papilledema", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    for topic in ("Papilledema", "Optic disc edema", "papilloedema"):
        assert poems("explain", topic, folder=tmp_path) == ran


def test_rules_lint(tmp_path: Path) -> None:
    ran = poems("rules", "lint", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ": no problems (" in ran.out


def test_rules_lint_says_every_problem_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "my-rules", ignore=shutil.ignore_patterns("examples"))
    entry = tmp_path / "my-rules" / "poems.yaml"
    text = entry.read_text().replace("kind: boolean", "kind: bolean", 1) + "\nnonsense: 1\n"
    entry.write_text(text)
    lines = text.splitlines()
    ran = poems("rules", "lint", "my-rules/poems.yaml", folder=tmp_path)
    assert ran.code == 10
    wrong = next(number for number, line in enumerate(lines, 1) if "bolean" in line)
    places = [line.split(": ")[0] for line in ran.out.splitlines()]
    assert f"poems.yaml:{len(lines)}" in places
    assert any(place == f"poems.yaml:{wrong}" for place in places)
    assert f"{len(places)} problems" in ran.err


def test_rules_test_passes(tmp_path: Path) -> None:
    ran = poems("rules", "test", str(ROOT / "rules" / "examples" / "vectors.yaml"), folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    header, rule, row, blank, last = ran.out.splitlines()
    cases = row.split()[2]
    assert header.split() == ["file", "cases", "passed", "failed"]
    assert (set(rule), blank) == ({"-"}, "")
    assert row.split() == ["+", "vectors.yaml", cases, cases, "0"]
    assert last == f"{cases} cases passed, 0 failed"


def test_rules_show(rules: Rules, tmp_path: Path) -> None:
    ran = poems("rules", "show", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("# ")
    assert [finding for finding in rules.findings if finding not in ran.out] == []
    assert poems("rules", "show", "--path", folder=tmp_path).out == f"{ROOT / 'rules'}\n"


def test_version_shows_program_and_rules(rules: Rules, tmp_path: Path) -> None:
    ran = poems("--version", folder=tmp_path)
    identity = rules.identity
    assert ran == (0, f"poems {__version__} (rules {identity.version}, sha256 {identity.sha256[:12]})\n", "")


COMMANDS = ["", "check", "screen", "sql", "explain", "template", "schema", "rules", "rules lint", "rules test", "rules show"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal_and_has_examples_and_exit_codes(command: str, tmp_path: Path) -> None:
    ran = poems(*command.split(), "--help", folder=tmp_path, COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: poems {command}".strip())
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "..." not in re.sub(r"\]\.\.\.|FILE\.\.\.|(NAME|HEADING),\.\.\.", "", ran.out)  # nothing is cut
    examples = ran.out.partition("\n  Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert 2 <= len(examples) <= 4
    codes = ran.out.partition("\n  Exit codes:\n")[2].split("\n")
    assert codes[0].startswith("    0    done")
    assert stumbles(ran.out) == []


def test_help_names_the_criteria_sets_and_columns_of_the_rules(rules: Rules) -> None:
    assert list(SETS) == list(rules.criteria)
    named = {name for names in COLUMNS for name in names.split(", ")}
    simple = {column.name for column in every_column(rules, list(rules.criteria)) if not column.criteria}
    assert simple <= named
    assert set(LISTS) - {"topics"} == set(lists.LISTS)


#: Commands with an option that does nothing there, and the option.
IDLE = [
    ("check patient.json --for patient", "--for"),
    ("check patient.json --save mine.json", "--save"),
    ("check - --for patient", "--for"),
    ("check patient.json --jobs 2", "--jobs"),
    ("check patient.json -f json -f markdown -o page.md --jobs 2", "--jobs"),
    ("check patient.json -f json --explain", "--explain"),
    ("check --resume --answers patient.json", "--answers"),
    ("check --ask --jobs 2 -f json", "--jobs"),
    ("screen ward.csv --suggest-map -f csv", "--format"),
    ("screen ward.csv --suggest-map --rejects rejects.csv", "--rejects"),
    ("screen ward.csv --suggest-map --summary summary.json", "--summary"),
    ("screen ward.csv --suggest-map --criteria mhlw", "--criteria"),
    ("screen ward.csv --suggest-map --columns id", "--columns"),
    ("screen ward.csv --suggest-map --mimics", "--mimics"),
    ("screen ward.csv --suggest-map --worklist", "--worklist"),
    ("screen ward.csv --suggest-map --strict", "--strict"),
    ("screen ward.csv --suggest-map --engine spark", "--engine"),
    ("screen ward.csv --suggest-map --threads 2", "--threads"),
    ("screen ward.csv --suggest-map --memory-limit 1GB", "--memory-limit"),
    ("screen ward.csv --suggest-map --spreadsheet-safe", "--spreadsheet-safe"),
    ("screen ward.csv --master local[2]", "--master"),
    ("screen ward.csv --memory-limit 1GB", "--memory-limit"),
    ("screen ward.csv --date platelets", "--date"),
    ("screen ward.csv --engine spark --master spark://there:7077 --memory-limit 1GB", "--memory-limit"),
    ("screen ward.csv --engine spark --master local[2] --threads 2", "--threads"),
    ("screen ward.csv --map map.yaml --id id", "--id"),
    ("screen ward.csv --mimics --columns id,mayo", "--mimics"),
    ("screen ward.ndjson --delimiter ;", "--delimiter"),
    ("screen ward.parquet --encoding latin-1", "--encoding"),
    ("screen ward.parquet --delimiter ;", "--delimiter"),
    ("sql --map map.yaml", "--map"),
    ("sql --findings platelets --like ward.csv", "--findings"),
    ("sql --like ward.csv --map map.yaml --id id", "--id"),
    ("sql --mimics --columns id,mayo", "--mimics"),
    ("schema summary --rules rules", "--rules"),
]


@pytest.mark.parametrize(("command", "option"), IDLE)
def test_an_option_without_effect_is_refused_in_one_line(
    command: str, option: str, refusal: Callable[..., tuple[int, list[str]]], tmp_path: Path
) -> None:
    (tmp_path / "patient.json").write_text('{"polyneuropathy": true}')
    (tmp_path / "ward.csv").write_text("id,platelets\n1,300\n")
    (tmp_path / "map.yaml").write_text("id: id\ncolumns:\n  platelets: {finding: platelets, unit: 10*9/L}\n")
    (tmp_path / "ward.ndjson").write_text('{"id": "1", "platelets": 300}\n')
    pq.write_table(pa.table({"id": [1], "platelets": [300.0]}), tmp_path / "ward.parquet")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, [line] = refusal(*command.split())
    assert (code, option in line, "\n" in line) == (2, True, False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_links_lead_to_dois_pubmed_and_the_hosts_that_the_rules_name(rules: Rules, tmp_path: Path) -> None:
    hosts = {*built_in_hosts(), *RESOLVERS}
    for source in rules.sources.values():
        for link in links_of(source).values():
            assert link.startswith("https://")
            assert link.split("/")[2] in hosts


#: Wrong links and the message for each, each in a source of its own.
LINKS = {
    "url: http://jnnp.bmj.com/content/90/2/133": "does not start with https://",
    "url: https://www.scribd.com/document/1": "'www.scribd.com' is not among the hosts",
    "url: https://www.staging.medscape.com/answers/1": "'www.staging.medscape.com' is not among",
    "url: https://jnnp.bmj.com.ezproxy.example.edu/content/1": "is not among the hosts",
    "url: https://jnnp.bmj.com:2400/content/1": "is more than a host's name",
    "url: https://someone@jnnp.bmj.com/content/1": "is more than a host's name",
    "doi: https://doi.org/10.1136/jnnp": "does not have the form of a DOI",
    "pmid: PMID12": "does not have the form of a PMID",
    "journal: www.scribd.com/document/1": "journal holds a link",
}


@pytest.mark.parametrize("own_hosts", [True, False])
def test_lint_refuses_other_links(own_hosts: bool, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "rules", tmp_path / "my-rules", ignore=shutil.ignore_patterns("examples"))
    sources = tmp_path / "my-rules" / "sources.yaml"
    text = sources.read_text()
    if not own_hosts:
        start, end = text.index("link_hosts:"), text.index("\nsources:")
        text = text[:start] + text[end:]
    made = [f"  made-up-{number}: {{title: Made up, read: abstract, {line}}}" for number, line in enumerate(LINKS)]
    sources.write_text(text.rstrip("\n") + "\n" + "\n".join(made) + "\n")
    first = len(text.rstrip("\n").splitlines()) + 1
    ran = poems("rules", "lint", "my-rules/poems.yaml", folder=tmp_path)
    assert ran.code == 10
    for number, message in enumerate(LINKS.values(), first):
        [reported] = [line for line in ran.out.splitlines() if line.startswith(f"sources.yaml:{number}: ")]
        assert message in reported
