"""The command line: parses, calls, prints. No medicine and no logic here; what a command needs is imported inside it."""

import sys
from enum import StrEnum
from io import StringIO
from typing import Annotated, Literal, TypeAlias

import typer

from poems_cli import __version__
from poems_cli.commands.command_help import ending
from poems_cli.commands.completion import criteria_sets, entries, topics
from poems_cli.commands.follow import follow
from poems_cli.commands.options import (
    CriteriaOption,
    NoPagerOption,
    OutputOption,
    RulesOption,
    UnitsOption,
    loaded_rules,
    write,
)
from poems_cli.commands.sql import sql
from poems_cli.commands.tables import screen
from poems_cli.exit_codes import EXIT_RULE_TESTS, EXIT_RULES, EXIT_USAGE
from poems_cli.idle_options import Idle, refuse_idle
from poems_cli.report.formats import FORMATS, heeding, suffixes

app = typer.Typer(
    name="poems",
    help="Which published criteria for POEMS syndrome a patient meets, why, and what would settle the rest. "
    "A research and teaching aid that shows its reasons; not a medical device, and no diagnosis.",
    epilog=ending("poems"),
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(
    help="Check, test and read the rules.", epilog=ending("rules"), no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(rules_app, name="rules")


FormChoice = StrEnum("FormChoice", {name: name for name in FORMATS})  # type: ignore[misc]  # made of the one list of formats


AudienceChoice: TypeAlias = Literal["clinician", "patient"]
TemplateChoice: TypeAlias = Literal["json", "yaml", "csv"]
SchemaChoice: TypeAlias = Literal["input", "output", "summary", "brief", "follow", "rules"]


def _version(wanted: bool) -> None:
    if wanted:
        rules = loaded_rules(None)
        typer.echo(f"poems {__version__} (rules {rules.identity.version}, sha256 {rules.identity.sha256[:12]})")
        raise typer.Exit


@app.callback()
def _poems(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the versions and exit.")
    ] = False,
) -> None:
    pass


@app.command(epilog=ending("check"), short_help="Answer every criteria set for one patient or many.")
def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Patients as JSON, YAML or CSV, one or many; - is standard input."),
    ] = None,
    criteria: CriteriaOption = None,
    rules: RulesOption = None,
    units: UnitsOption = None,
    form: Annotated[
        list[FormChoice] | None, typer.Option("--format", "-f", case_sensitive=False, help="How to answer; repeatable with -o.")
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help=f"Write to FILE; its extension sets the format ({' '.join(suffixes())})."
        ),
    ] = None,
    exit_verdict: Annotated[
        bool, typer.Option("--exit-verdict", help="Exit with the verdict: 0 met, 20 not met, 21 undetermined.")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=0,
            metavar="N",
            help="With JSON output: how many processes; 0, the default, uses all processors.",
        ),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the whole reasoning, with every source.")] = False,
    all_tests: Annotated[bool, typer.Option("--all-tests", help="Show every test that can change something.")] = False,
    brief: Annotated[
        bool, typer.Option("--brief", help="With --format json: ids, verdicts and what is open alone, a tenth of the size.")
    ] = False,
    all_mimics: Annotated[
        bool, typer.Option("--all-mimics", help="Show every mimic, not only the first five, and answer the criteria of each.")
    ] = False,
    ask: Annotated[
        bool,
        typer.Option("--ask", help="Ask for the findings; so does a terminal without a file. A pipe answers line by line."),
    ] = False,
    audience: Annotated[
        AudienceChoice | None,
        typer.Option("--for", case_sensitive=False, help="Who answers: a patient is asked in plain words and gets a page."),
    ] = None,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Whole words for a screen reader: no boxes, bars or symbols, in questions and answer."),
    ] = False,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="FILE", help="With --ask: save the answers in FILE, and not in the state folder."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the answers saved last, or with those of --save FILE.")
    ] = False,
    answers: Annotated[
        str | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help="Answers as lines of finding: answer (- is a pipe), or JSON; with --ask go on from them.",
        ),
    ] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy one patient's note, as --format note writes it, to the clipboard.")
    ] = False,
    no_pager: NoPagerOption = False,
) -> None:
    """Answer every criteria set for one patient or many: met, not met or undetermined, why, and what would settle it."""
    from poems_cli.checking.check import CheckOptions, run
    from poems_cli.errors import usage_error
    from poems_cli.machine import most_at_once
    from poems_cli.report.formats import targets
    from poems_cli.report.writing import Wanted
    from poems_cli.rules.files import rule_paths

    if jobs is not None and jobs > most_at_once():
        raise usage_error("--jobs", f"{jobs} is more than this machine can use", f"write at most {most_at_once()}, or 0")
    asks = ask or resume or answers is not None
    if not files and not asks and (sys.stdin is None or sys.stdin.isatty()):
        if sys.stdin is None or not sys.stderr.isatty():
            typer.echo(_HOW_TO_GIVE_FINDINGS, err=True)
            raise typer.Exit(EXIT_USAGE)
        asks = True
    if files and asks:
        raise usage_error("--ask", "a file is answered without questions", "to start from it, use --answers FILE")
    questions = ask or resume or (asks and answers is None)
    without_questions = "it works with --ask, where there are questions"
    kept = "--resume starts from the saved answers; leave one of the two out"
    refuse_idle(
        [
            Idle("--for", audience is not None and not asks, without_questions),
            Idle("--save", save is not None and not questions, without_questions),
            Idle("--answers", answers is not None and resume, kept),
        ]
    )
    loaded = loaded_rules(rules, criteria or ())
    chosen = tuple(targets([choice.value for choice in form or ()], output or []))
    read = rule_paths(rules)
    forms = {target.form for target in chosen}
    refuse_idle(
        [
            Idle("--jobs", jobs is not None and (asks or forms != {"json"}), "it works with a file and --format json alone"),
            Idle("--explain", explain and not forms & {*heeding("explain")}, "JSON always has the whole reasoning"),
            Idle("--brief", brief and forms != {"json"}, "it shortens JSON alone; use it with --format json"),
            Idle("--all-mimics", all_mimics and not forms & {*heeding("all-mimics")}, _works_with("all-mimics")),
            Idle("--all-tests", all_tests and not forms & {*heeding("all-tests")}, _works_with("all-tests")),
            Idle("--all-mimics", all_mimics and brief, _NOT_IN_BRIEF),
            Idle("--all-tests", all_tests and brief, _NOT_IN_BRIEF),
            Idle("--plain", plain and not asks and (explain or "table" not in forms), "it works with the table"),
        ]
    )
    wanted = Wanted(explain, all_mimics, all_tests, plain, brief, paged=not no_pager)
    options = CheckOptions((), chosen, tuple(criteria or ()), wanted, exit_verdict, jobs or 0, copy, read, units)
    if asks:
        from poems_cli.interview.run import AskOptions
        from poems_cli.interview.run import run as run_interview

        given = AskOptions(audience, plain, save, resume, answers, asks=questions, rules=rules)
        read += (answers,) if answers else ()
        raise typer.Exit(run_interview(loaded, given, options._replace(read=read)))
    raise typer.Exit(run(loaded, options._replace(paths=tuple(files or ["-"]))))


_NOT_IN_BRIEF = "an answer in brief has one length; leave out --brief or this"


def _works_with(option: str) -> str:
    """With which formats an option works."""
    return f"it works with --format {', '.join(heeding(option))}"


_HOW_TO_GIVE_FINDINGS = """\
poems check reads a patient's findings from a file or a pipe:

  poems template > patient.json     write every finding, to be filled in
  poems check patient.json          answer it

  echo '{"polyneuropathy": true, "serum_vegf": "2812 pg/mL"}' | poems check

true = present, false = absent, null or left out = unknown.
poems check --ask asks for them; poems check --answers FILE takes lines such as
  polyneuropathy: yes
See also: poems explain polyneuropathy"""


app.command(epilog=ending("follow"), short_help="Show one patient from visit to visit, and the response.")(follow)
app.command(epilog=ending("screen"), short_help="Answer every criteria set for a table of patients.")(screen)
app.command(epilog=ending("sql"), short_help="Write the rules as one SQL query over a table of patients.")(sql)


@app.command(epilog=ending("explain"), short_help="Explain a finding, criteria set, mimic, test, source or word.")
def explain(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TOPIC]...",
            autocompletion=topics,
            help="An id, a name or a synonym, in any case; a list of topics if left out.",
        ),
    ] = None,
    rules: RulesOption = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write Markdown.")] = False,
    output: OutputOption = "-",
    no_pager: NoPagerOption = False,
) -> None:
    """Explain a finding, a criteria set, a mimic, a test, a source, a warning or a word; `poems explain poems` the syndrome."""
    from poems_cli.errors import usage_error
    from poems_cli.explain.topics import Index
    from poems_cli.report.console import make_console
    from poems_cli.report.explanation import explanation_markdown, print_explanation

    index = Index(loaded_rules(rules))
    name = " ".join(topic or ["topics"])
    explanation = index.explain(name)
    if explanation is None:
        mend = index.suggestion(name) or "poems explain topics lists what there is"
        raise usage_error("TOPIC", f"no topic {name!r}", mend)
    if markdown or output.lower().endswith((".md", ".markdown")):
        text = explanation_markdown(explanation)
    else:
        page = StringIO()
        console = make_console(sys.stdout if output == "-" else page)
        with console.capture() as printed:
            print_explanation(console, explanation)
        text = printed.get()
    _show(text, output, rules, paged=not no_pager)


@app.command(epilog=ending("template"))
def template(
    form: Annotated[TemplateChoice, typer.Option("--format", "-f", case_sensitive=False, help="How to write it.")] = "json",
    criteria: Annotated[
        str | None,
        typer.Option(
            "--criteria", "-c", metavar="SET", autocompletion=criteria_sets, help="Only the findings that this set depends on."
        ),
    ] = None,
    rules: RulesOption = None,
    output: OutputOption = "-",
) -> None:
    """Write a fillable patient with every finding and its unit."""
    from poems_cli.report.template import template as write_template
    from poems_cli.rules.files import rule_paths

    loaded = loaded_rules(rules, () if criteria is None else (criteria,))
    write(write_template(loaded, form, criteria), output, rule_paths(rules), is_public=True)


@app.command(epilog=ending("schema"), short_help="Print the JSON Schema of what goes in or comes out, or of rules.")
def schema(
    which: Annotated[
        SchemaChoice,
        typer.Argument(
            metavar="[input|output|brief|follow|summary|rules]",
            help="What goes in, what comes out, in full or brief, a patient's course, a screening summary, or a rules file.",
        ),
    ] = "output",
    rules: RulesOption = None,
    output: OutputOption = "-",
) -> None:
    """Print the JSON Schema of a patient, of an answer in full or in brief, of a course, of a summary, or of a rules file."""
    import json

    from poems_cli.report.schema import json_schema
    from poems_cli.rules.files import rule_paths
    from poems_cli.rules.schema import rules_schema

    for_all_rules = which in ("summary", "rules")
    refuse_idle([Idle("--rules", rules is not None and for_all_rules, f"there is one schema of {which} for all rules")])
    loaded = loaded_rules(rules)
    schema = rules_schema() if which == "rules" else json_schema(which, loaded)
    write(json.dumps(schema, indent=2) + "\n", output, rule_paths(rules), is_public=True)


@rules_app.command("lint", epilog=ending("rules lint"), short_help="Check the rules: every problem at once.")
def rules_lint(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="The rules; the built-in ones if left out.")] = None,
) -> None:
    """Check the rules: every problem at once, with file, line and a way to correct it."""
    from poems_cli.phrases import counted
    from poems_cli.rules.building import compile_and_check
    from poems_cli.rules.files import read_rule_files

    compiled = compile_and_check(*read_rule_files(file))
    for problem in compiled.problems:
        typer.echo(str(problem))
    if compiled.problems or compiled.rules is None:
        typer.echo(f"poems: {counted(len(compiled.problems), 'problem')} in the rules", err=True)
        raise typer.Exit(EXIT_RULES)
    checked = compiled.rules
    fields = ("findings", "criteria", "mimics", "tests", "warnings", "sources")
    counts = ", ".join(f"{len(getattr(checked, field))} {field}" for field in fields)
    typer.echo(f"{checked.identity.id} {checked.identity.version}: no problems ({counts})")


@rules_app.command("test", epilog=ending("rules test"), short_help="Run example patients against the rules.")
def rules_test(
    examples: Annotated[
        str | None, typer.Argument(metavar="[EXAMPLES]", help="A file or folder of cases; the built-in ones if left out.")
    ] = None,
    rules: RulesOption = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Change the rules one thing at a time, and say what no example notices.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", metavar="FILE|ID", autocompletion=entries, help="With --mutate: only changes of this file or entry."
        ),
    ] = None,
    at_least: Annotated[
        list[str] | None,
        typer.Option(
            "--at-least",
            metavar="N|KIND=N",
            help="With --mutate: exit code 13 where less than N percent are noticed, of all or of one kind of rules.",
        ),
    ] = None,
    cases: Annotated[
        str | None,
        typer.Option(
            "--cases", metavar="FILE", help="With --mutate: write patients that would notice as cases to be completed."
        ),
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", metavar="N", min=1, help="With --mutate: try N changes, the same in every run.")
    ] = None,
) -> None:
    """Run example patients against the rules and compare with what each case expects.

    With --mutate, change the rules one thing at a time and say which changes no lint rule and no example notices, and what
    patient would.
    """
    from poems_cli.authoring.command import mutate_rules
    from poems_cli.authoring.results_table import print_case_results
    from poems_cli.authoring.running import run_examples
    from poems_cli.report.console import make_console
    from poems_cli.rules.files import examples_of

    for_mutate = {"--only": only, "--at-least": at_least, "--cases": cases, "--sample": sample}
    refuse_idle([Idle(name, value is not None and not mutate, "add --mutate") for name, value in for_mutate.items()])
    found = examples or examples_of(rules)
    if mutate:
        if not mutate_rules(rules, found, only=only, at_least=at_least or (), cases=cases, sample=sample):
            raise typer.Exit(EXIT_RULE_TESTS)
        return
    passed, failed = print_case_results(make_console(sys.stdout), run_examples(loaded_rules(rules), found))
    if failed or not passed:
        raise typer.Exit(EXIT_RULE_TESTS)


@rules_app.command("show", epilog=ending("rules show"))
def rules_show(
    rules: RulesOption = None,
    path: Annotated[bool, typer.Option("--path", help="Only say where the rules files are.")] = False,
    html: Annotated[
        bool, typer.Option("--html", help="Write a page of HTML, with all criteria sets side by side; so does -o FILE.html.")
    ] = False,
    output: OutputOption = "-",
    no_pager: NoPagerOption = False,
) -> None:
    """Print the rules as a readable page, in Markdown or HTML."""
    from poems_cli.rules.files import built_in_rules, read_rule_files

    refuse_idle([Idle("--html", html and path, "--path says where the files are and writes no page")])
    if path:
        read_rule_files(rules)
        typer.echo(rules or built_in_rules())
        return
    from poems_cli.explain.html_rules import rules_html
    from poems_cli.explain.rules_document import rules_markdown

    page = rules_html if html or output.lower().endswith((".html", ".htm")) else rules_markdown
    _show(page(loaded_rules(rules)), output, rules, paged=not no_pager)


def _show(text: str, output: str, rules: str | None, *, paged: bool) -> None:
    """Show a text on the terminal, or write it to a file."""
    if output == "-":
        from poems_cli.report.pager import show

        show(text, sys.stdout, paged=paged)
        return
    from poems_cli.rules.files import rule_paths

    write(text, output, rule_paths(rules), is_public=True)
