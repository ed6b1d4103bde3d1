"""Which finding a clinician means who types its name, in order to answer it out of turn."""

from poems_cli.finding_names import finding_names, named_around, nearest_finding, plain_name, which_of
from poems_cli.interview.reading import measured_by
from poems_cli.model import Rules


def named_finding(rules: Rules, name: str, *, exactly: bool = False) -> str | list[str]:
    """The finding of a name; else those that it can be, perhaps none. ``exactly`` takes no name that is only like it.

    A name of several values, as VEGF, means the finding that they decide.
    """
    plain = plain_name(name)
    shown = {plain_name(sign.short): sign.finding for sign in rules.questionnaire.progress}
    names: dict[str, str] = finding_names(rules.findings) | shown
    if not plain:
        return []
    if plain in rules.findings:
        return plain
    values = which_of(plain, rules.findings)
    if plain in names and not values:
        return names[plain]
    deciding = (
        [finding for finding in rules.findings if set(values) <= {each.id for each in measured_by(rules, finding)}]
        if values
        else []
    )
    if deciding:
        return deciding[0]
    if exactly:
        return values
    around = named_around(plain, names)
    if len(around) == 1:
        return around[0]
    near = None if around or values else nearest_finding(plain, names)
    return values or around or ([near] if near else [])
