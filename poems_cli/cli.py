"""The command line: parses, calls, prints. No medicine and no logic here; what a command needs is imported inside it."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from poems_cli import __version__
from poems_cli.cli_tables import RulesOption, screen, sql
from poems_cli.exit_codes import EXIT_RULE_TESTS, EXIT_RULES, EXIT_USAGE

if TYPE_CHECKING:
    from poems_cli.model import Rules

app = typer.Typer(
    name="poems",
    help="Which published criteria for POEMS syndrome a patient meets, why, and what would settle the rest. "
    "A research and teaching aid that shows its reasons; not a medical device, and no diagnosis.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(help="Check, test and read the rules.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(rules_app, name="rules")


class FormChoice(StrEnum):
    """The formats of an answer."""

    table = "table"
    json = "json"
    markdown = "markdown"
    svg = "svg"


class AudienceChoice(StrEnum):
    """Who answers the questionnaire."""

    clinician = "clinician"
    patient = "patient"


class TemplateChoice(StrEnum):
    """The formats of a template."""

    json = "json"
    yaml = "yaml"
    csv = "csv"


class SchemaChoice(StrEnum):
    """Which schema."""

    input = "input"
    output = "output"
    summary = "summary"
    brief = "brief"


def _version(wanted: bool) -> None:
    if wanted:
        rules = _load(None)
        typer.echo(f"poems {__version__} (rules {rules.identity.version}, sha256 {rules.identity.sha256[:12]})")
        raise typer.Exit


@app.callback()
def _poems(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the versions and exit.")
    ] = False,
) -> None:
    pass


@app.command(short_help="Answer every criteria set for one patient or many.")
def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Patients as JSON, YAML or CSV, one or many; - is standard input."),
    ] = None,
    criteria: Annotated[
        list[str] | None,
        typer.Option("--criteria", "-c", metavar="SET", help="Answer only these sets; the first is the default one."),
    ] = None,
    rules: RulesOption = None,
    form: Annotated[
        list[FormChoice] | None, typer.Option("--format", "-f", case_sensitive=False, help="How to answer; repeatable with -o.")
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to FILE; its name tells the format (.json .md .txt .svg)."),
    ] = None,
    exit_verdict: Annotated[
        bool, typer.Option("--exit-verdict", help="Exit with the verdict: 0 met, 20 not met, 21 undetermined.")
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, metavar="N", help="Processes for a long JSON run; 0 is all processors.")
    ] = 0,
    explain: Annotated[bool, typer.Option("--explain", help="Show the whole reasoning, with every source.")] = False,
    brief: Annotated[
        bool, typer.Option("--brief", help="With --format json: ids, verdicts and what is open alone, a tenth of the size.")
    ] = False,
    all_mimics: Annotated[
        bool, typer.Option("--all-mimics", help="Show every mimic, not only the first five, and answer the criteria of each.")
    ] = False,
    ask: Annotated[
        bool,
        typer.Option("--ask", help="Ask for the findings; so does a terminal without a file. A pipe gives a line an answer."),
    ] = False,
    audience: Annotated[
        AudienceChoice | None,
        typer.Option("--for", case_sensitive=False, help="With --ask: who answers; clinician by default."),
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="With --ask: whole words for a screen reader, no signs.")] = False,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="FILE", help="With --ask: keep the answers in FILE, and not in the state folder."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the answers kept last, or with those of --save FILE.")
    ] = False,
    answers: Annotated[
        str | None, typer.Option("--answers", metavar="FILE", help="With --ask: what is known already, as a patient in JSON.")
    ] = None,
) -> None:
    """Answer every criteria set for one patient or many: met, not met or undetermined, why, and what would settle it."""
    from poems_cli.check import CheckOptions, run
    from poems_cli.outputs import OutputError, targets

    asks = ask or resume or answers is not None
    if not files and not asks and (sys.stdin is None or sys.stdin.isatty()):
        if sys.stdin is None or not sys.stderr.isatty():
            typer.echo(_HOW_TO_GIVE_FINDINGS, err=True)
            raise typer.Exit(EXIT_USAGE)
        asks = True
    if files and asks:
        raise typer.BadParameter(
            "a file is answered without questions; to start from it, use --answers FILE", param_hint="--ask"
        )
    loaded = _load(rules)
    for set_id in criteria or ():
        _known(set_id, loaded.criteria, "criteria set", "--criteria")
    try:
        chosen = tuple(targets([choice.value for choice in form or ()], output or []))
    except OutputError as error:
        raise typer.BadParameter(str(error), param_hint="--output") from None
    if brief and any(target.form != "json" for target in chosen):
        raise typer.BadParameter("it shortens JSON alone; use it with --format json", param_hint="--brief")
    if asks:
        from poems_cli.ask import AskOptions
        from poems_cli.ask import run as run_interview

        given = AskOptions(audience.value if audience else None, plain, save, resume, answers)
        options = CheckOptions((), chosen, tuple(criteria or ()), explain, exit_verdict, all_mimics, brief=brief)
        raise typer.Exit(run_interview(loaded, given, options))
    options = CheckOptions(tuple(files or ["-"]), chosen, tuple(criteria or ()), explain, exit_verdict, all_mimics, jobs, brief)
    raise typer.Exit(run(loaded, options))


_HOW_TO_GIVE_FINDINGS = """\
poems check reads a patient's findings from a file or a pipe:

  poems template > patient.json     write every finding, to be filled in
  poems check patient.json          answer it

  echo '{"polyneuropathy": true, "serum_vegf": 2812}' | poems check

true = present, false = absent, null or left out = unknown.
poems check --ask asks for them.
See also: poems explain polyneuropathy"""


app.command(short_help="Answer every criteria set for a table of patients.")(screen)
app.command(short_help="Write the rules as one SQL query over a table of patients.")(sql)


@app.command(short_help="Explain a finding, criteria set, mimic, test or source.")
def explain(
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="A finding, a criteria set, a mimic, a test, a source, mimics, or poems.")
    ],
    rules: RulesOption = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write Markdown.")] = False,
) -> None:
    """Explain a finding, a criteria set, a mimic, a test or a source; `poems explain poems` tells what the syndrome is."""
    from poems_cli.explain import explain as explain_topic
    from poems_cli.explain import topics
    from poems_cli.report.console import make_console
    from poems_cli.report.explanation import explanation_markdown, print_explanation

    loaded = _load(rules)
    explanation = explain_topic(loaded, topic)
    if explanation is None:
        _known(topic, topics(loaded), "topic", "TOPIC")
        return
    if markdown:
        typer.echo(explanation_markdown(explanation), nl=False)
    else:
        print_explanation(make_console(sys.stdout), explanation)


@app.command()
def template(
    form: Annotated[
        TemplateChoice, typer.Option("--format", "-f", case_sensitive=False, help="How to write it.")
    ] = TemplateChoice.json,
    criteria: Annotated[
        str | None, typer.Option("--criteria", "-c", metavar="SET", help="Only the findings that this set depends on.")
    ] = None,
    rules: RulesOption = None,
) -> None:
    """Write a fillable patient with every finding and its unit."""
    from poems_cli.template import template as write_template

    loaded = _load(rules)
    if criteria is not None:
        _known(criteria, loaded.criteria, "criteria set", "--criteria")
    typer.echo(write_template(loaded, form.value, criteria), nl=False)


@app.command(short_help="Print the JSON Schema of what goes in or comes out.")
def schema(
    which: Annotated[
        SchemaChoice,
        typer.Argument(
            metavar="[input|output|brief|summary]",
            help="What goes in, what comes out, in full or brief, or a screening's summary.",
        ),
    ] = SchemaChoice.output,
    rules: RulesOption = None,
) -> None:
    """Print the JSON Schema of a patient, of an answer in full or in brief, or of the summary of a screening."""
    import json

    from poems_cli.schema import brief_schema, input_schema, output_schema
    from poems_cli.screening.summary import summary_schema

    loaded = _load(rules)
    schemas = {
        SchemaChoice.input: lambda: input_schema(loaded),
        SchemaChoice.output: lambda: output_schema(loaded),
        SchemaChoice.brief: lambda: brief_schema(loaded),
        SchemaChoice.summary: summary_schema,
    }
    typer.echo(json.dumps(schemas[which](), indent=2))


@rules_app.command("lint", short_help="Check the rules: every problem at once.")
def rules_lint(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="The rules; the built-in ones if left out.")] = None,
) -> None:
    """Check the rules: every problem at once, with file, line and a way to mend it."""
    from poems_cli.rules_build import compile_and_check
    from poems_cli.rules_files import fingerprint, read_rule_files

    files, entry = read_rule_files(file)
    compiled = compile_and_check(files, entry, fingerprint(files))
    for problem in compiled.problems:
        typer.echo(str(problem))
    if compiled.problems:
        typer.echo(f"poems: {len(compiled.problems)} problems in the rules", err=True)
        raise typer.Exit(EXIT_RULES)
    data = compiled.data
    counts = ", ".join(f"{len(data[key])} {key}" for key in ("findings", "criteria", "mimics", "tests", "warnings", "sources"))
    typer.echo(f"{data['id']} {data['version']}: no problems ({counts})")


@rules_app.command("test", short_help="Run example patients against the rules.")
def rules_test(
    examples: Annotated[
        str | None, typer.Argument(metavar="[EXAMPLES]", help="A file or folder of cases; the built-in ones if left out.")
    ] = None,
    rules: RulesOption = None,
) -> None:
    """Run example patients against the rules and compare with what each case expects."""
    from poems_cli.rule_tests import run_examples
    from poems_cli.rules_files import examples_of

    loaded = _load(rules)
    passed = failed = 0
    for result in run_examples(loaded, examples or examples_of(rules)):
        passed, failed = passed + (not result.failures), failed + bool(result.failures)
        for failure in result.failures:
            typer.echo(f"{result.file}:{result.line}: {result.id}: {failure}")
    typer.echo(f"{passed} cases passed, {failed} failed")
    if failed or not passed:
        raise typer.Exit(EXIT_RULE_TESTS)


@rules_app.command("show")
def rules_show(
    rules: RulesOption = None,
    path: Annotated[bool, typer.Option("--path", help="Only say where the rules files are.")] = False,
) -> None:
    """Print the rules as a readable Markdown page."""
    from poems_cli.rules_files import built_in_rules, read_rule_files
    from poems_cli.rules_show import rules_markdown

    if path:
        read_rule_files(rules)
        typer.echo(rules or built_in_rules())
        return
    typer.echo(rules_markdown(_load(rules)), nl=False)


def _load(path: str | None) -> "Rules":
    from poems_cli.rules import load_rules

    return load_rules(path)


_FEW = 12


def _known(name: str, known: Any, what: str, hint: str) -> None:
    """Refuse a name that is not known, with the nearest that is."""
    if name in known:
        return
    from poems_cli.nearest import did_you_mean

    every = f"Known: {', '.join(known)}." if len(known) <= _FEW else "poems rules show lists every id."
    mend = did_you_mean(name, known) or every
    raise typer.BadParameter(f"no {what} {name!r}. {mend}", param_hint=hint)
