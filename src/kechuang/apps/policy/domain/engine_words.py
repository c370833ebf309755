"""The sentences of the rules engine in the reader's language.

The engine knows no translations: its sentences are recognised by their form and said again. One that is not recognised
is quoted as it is; a mend that is not recognised is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

Name = Callable[[str], str]
_WORDS = "a number|yes or no|a text|a day"
_PROBLEMS: Mapping[str, str] = {
    r"there is no indicator “(?P<word>.+)”": gettext_noop("There is no figure “%(word)s”."),
    r"(?P<first>.+) and (?P<second>.+) are mixed in one sum or comparison": gettext_noop(
        "%(first)s and %(second)s are mixed: only the same unit can be compared or added."
    ),
    r"an amount is in 元, this is in (?P<unit>.+)": gettext_noop("An amount is in yuan, this is in %(unit)s."),
    r"“(?P<word>.*)” is no value of (?P<code>\w+)": gettext_noop("“%(word)s” is no value of “%(code)s”."),
    r"nothing is equal to NULL, nor unequal: .+": gettext_noop(
        "Nothing is equal to the unknown. Choose “is known” or “is not known”."
    ),
    r"this can never hold": gettext_noop("This condition can never be met."),
    r"“.+” can never hold together": gettext_noop("These conditions can never be met together."),
    rf"(?P<code>.+) is (?P<has>{_WORDS}), and (?P<needs>{_WORDS}) is needed": gettext_noop(
        "“%(code)s” is %(has)s, and %(needs)s is needed here."
    ),
    r"texts have no order": gettext_noop("Texts have no order: they are equal, different, or one of several."),
    r"nothing is written here": gettext_noop("Nothing is written here yet."),
    r"“(?P<word>.*)” is not an expression": gettext_noop("“%(word)s” cannot be read as a condition."),
    r"“(?P<word>.*)” is more than one expression": gettext_noop("“%(word)s” is more than one condition."),
    r"“(?P<word>.*)” calls a function that rules do not know": gettext_noop(
        "“%(word)s” uses a function that rules do not know."
    ),
    r"“(?P<word>.*)” is outside what rules may say": gettext_noop("“%(word)s” is outside what rules may say."),
    r"a rule cannot look anything up": gettext_noop("A rule cannot look anything up elsewhere."),
    r"the expression is nested too deeply|there is too much in one expression|the expression has \d+ characters": (
        gettext_noop("There is too much in one condition: divide it.")
    ),
    r"“(?P<word>.*)” is not a number": gettext_noop("“%(word)s” is not a number."),
    r"“(?P<word>.*)” is not a day": gettext_noop("“%(word)s” is not a day. Write it as 2025-12-31."),
    r"“when” names at least one condition": gettext_noop("A rule needs at least one condition."),
    r"it ends \((?P<end>.+)\) before it begins \((?P<begin>.+)\)": gettext_noop(
        "It ends (%(end)s) before it begins (%(begin)s)."
    ),
    r"the id is missing or not made of .+": gettext_noop("The code consists of letters, digits, - and _."),
    r"a rate is taken of something": gettext_noop("Choose the figure that the rate is taken of."),
    r"a scope lists at least one code": gettext_noop("Name at least one place or industry."),
    r"this is not one expression|this is not an amount": gettext_noop("This is not an amount."),
    r"(?P<key>once|per_year|total) is a whole number of yuan": gettext_noop("A limit is a whole number of yuan."),
}
_MENDS: Mapping[str, str] = {
    r"Did you mean (?P<words>.+)\?": gettext_noop("Did you mean %(words)s?"),
    r"There are: (?P<words>.+)": gettext_noop("There are: %(words)s."),
    r"By the catalogue (?P<words>.+)": gettext_noop("In the catalogue: %(words)s."),
    r"Change or remove one of them": gettext_noop("Change or remove one of them."),
    r"Change the condition": gettext_noop("Change the value or the comparison."),
    r"It does, though, on days when .+": gettext_noop(
        "It can on days when the rule is not valid: look at the validity."
    ),
    r"Leave out the semicolon": gettext_noop("Leave out the semicolon."),
    r"Compare with OR instead": gettext_noop("Compare with OR instead."),
    r"Look at “(?P<words>.*)” \(line .+\)": gettext_noop("Look at “%(words)s”."),
    r"Check quotes and brackets": gettext_noop("Look at quotes and brackets."),
}
_BOUNDS: Mapping[str, str] = {
    r"(?P<code>\w+) is one of (?P<words>.+)": gettext_noop("%(code)s is one of %(words)s"),
    r"(?P<code>\w+) is at least (?P<low>\S+) and at most (?P<high>\S+)": gettext_noop(
        "%(code)s is at least %(low)s and at most %(high)s"
    ),
    r"(?P<code>\w+) is at least (?P<low>\S+)": gettext_noop("%(code)s is at least %(low)s"),
    r"(?P<code>\w+) is at most (?P<high>\S+)": gettext_noop("%(code)s is at most %(high)s"),
}
_KINDS: Mapping[str, str] = {
    "a number": gettext_noop("a number"),
    "yes or no": gettext_noop("yes or no"),
    "a text": gettext_noop("a text"),
    "a day": gettext_noop("a day"),
    "a ratio without unit": gettext_noop("a ratio without unit"),
}


def said(problem: str, mend: str = "", name: Name = str) -> str:
    """A problem of the engine with its mend, as a person reads it; ``name`` gives the name of a code."""
    first = _matched(_PROBLEMS, problem, name)
    if not first:
        first = _("The platform cannot reckon with this: %(text)s") % {"text": problem}
    second = _matched(_MENDS, mend, name) if mend else ""
    return f"{first} {second}".strip()


def _matched(table: Mapping[str, str], text: str, name: Name) -> str:
    for pattern, message in table.items():
        match = re.fullmatch(pattern, text, re.DOTALL)
        if match is not None:
            return _(message) % {key: _word(key, value, name) for key, value in match.groupdict().items()}
    return ""


def _word(key: str, value: str, name: Name) -> str:
    if key == "words" and " is " in value:
        return _("; ").join(_matched(_BOUNDS, part, name) or part for part in value.split("; "))
    if key == "words" and " or " in value:
        return _(" or ").join(name(part) for part in value.split(" or "))
    if value in _KINDS:
        return _(_KINDS[value])
    return name(value) if key in ("code", "words") else value
