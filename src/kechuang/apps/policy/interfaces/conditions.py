"""Conditions in a form: as a row (figure, operator, value) or as SQL text, both ways without loss.

A row is shown only where reading it back gives the very same condition; everything else stays text. A condition that
nobody touched keeps its text to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kechuang.apps.policy.interfaces.figures import CODES, Figure, Figures, joined, split
from kechuang.engines.rules.expression import Literal, RuleError
from kechuang.engines.rules.kinds import Kind
from kechuang.engines.rules.rows import Operator, Row, operators_for, row_of, text_of
from kechuang.kit.errors import DomainError

WORDS: Mapping[Operator, Any] = {
    Operator.AT_LEAST: gettext_lazy("is at least"),
    Operator.MORE: gettext_lazy("is more than"),
    Operator.AT_MOST: gettext_lazy("is at most"),
    Operator.LESS: gettext_lazy("is less than"),
    Operator.EQUAL: gettext_lazy("is"),
    Operator.UNEQUAL: gettext_lazy("is not"),
    Operator.BETWEEN: gettext_lazy("is between"),
    Operator.IN: gettext_lazy("is one of"),
    Operator.NOT_IN: gettext_lazy("is none of"),
    Operator.WITHIN: gettext_lazy("lies within"),
    Operator.NOT_WITHIN: gettext_lazy("lies outside of"),
    Operator.TRUE: gettext_lazy("is yes"),
    Operator.FALSE: gettext_lazy("is no"),
    Operator.KNOWN: gettext_lazy("is known"),
    Operator.UNKNOWN: gettext_lazy("is not known"),
}
LISTS = {Operator.IN, Operator.NOT_IN, Operator.WITHIN, Operator.NOT_WITHIN}
ALONE = {Operator.TRUE, Operator.FALSE, Operator.KNOWN, Operator.UNKNOWN}
TICKED = 12


@dataclass(slots=True)
class Condition:
    """The fields of one condition. ``kept`` is its SQL as it came, ``told`` its words as they came; ``fits``: the
    author says that these words still fit although the condition changed.

    ``error`` says what is wrong, ``wrong`` at which field; ``stays`` says why it cannot be a row. ``text`` and
    ``words`` are what it says as it stands.
    """

    name: str
    mode: str = "row"
    figure: str = ""
    operator: str = ""
    values: list[str] = field(default_factory=list)
    sql: str = ""
    kept: str = ""
    label: str = ""
    label_en: str = ""
    told: str = ""
    fits: bool = False
    error: str = ""
    wrong: str = ""
    stays: str = ""
    found: Figure | None = None
    choices: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    words: str = ""

    @property
    def operators(self) -> list[tuple[str, Any]]:
        """Those that suit the figure, the most used first."""
        if self.found is None:
            return []
        fitting = operators_for(self.found.engine_kind)
        if self.found.kind.kind in CODES:
            fitting = tuple(sorted(fitting, key=lambda each: each not in (Operator.WITHIN, Operator.NOT_WITHIN)))
            return [(each.value, WORDS[each]) for each in fitting]
        return [(each.value, WORDS[each]) for each in WORDS if each in fitting]

    @property
    def widget(self) -> str:
        """How the value is entered: none, two, ticks, choice, codes, list, date, number, text."""
        if self.found is None or self.operator not in tuple(Operator) or Operator(self.operator) in ALONE:
            return "none"
        operator = Operator(self.operator)
        if operator == Operator.BETWEEN:
            return "two"
        few = bool(self.choices) and self.found.kind.kind not in CODES and len(self.choices) <= TICKED
        if operator in LISTS:
            return (
                "ticks" if few and operator in (Operator.IN, Operator.NOT_IN) else "codes" if self.choices else "list"
            )
        if self.choices:
            return "choice" if few else "codes"
        if self.found.engine_kind == Kind.DATE:
            plain = not self.value or self.value[:4].isdecimal()
            return "date" if plain else "text"
        return "number" if self.found.engine_kind == Kind.NUMBER else "text"

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def second(self) -> str:
        return self.values[1] if len(self.values) > 1 else ""

    @property
    def unit(self) -> str:
        return self.found.unit if self.found else ""

    @property
    def ident(self) -> str:
        """For the ids of the page."""
        return self.name.replace(".", "-")


def posted(data: QueryDict, prefix: str, figures: Figures) -> list[Condition]:
    """The conditions of a form in the order of the page; their names are ``PREFIX.NUMBER``."""
    names = dict.fromkeys(
        ".".join(key.split(".")[:2]) for key in data if key.startswith(f"{prefix}.") and key.count(".") >= 2
    )
    return [_posted(data, name, figures) for name in names]


def typed_text(text: str) -> str:
    """What was typed, as it was before the browser sent it: line ends of one kind, nothing that cannot be kept."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _posted(data: QueryDict, name: str, figures: Figures) -> Condition:
    def text(part: str) -> str:
        return typed_text(data.get(f"{name}.{part}", ""))

    values = [typed_text(value) for part in ("value", "value2") for value in data.getlist(f"{name}.{part}")]
    made = Condition(
        name, "sql" if text("mode") == "sql" else "row", text("figure"), text("op"), values, text("sql"),
        text("kept"), text("label"), text("label_en"), text("told"), bool(text("fits")),
    )  # fmt: skip
    return _furnished(made, figures)


def _furnished(made: Condition, figures: Figures) -> Condition:
    """With what the page offers for it: the figure, an operator that suits it, choices."""
    made.found = figures.find(made.figure)
    if made.found is not None:
        made.figure = made.found.name
        made.choices = figures.options(made.found)
        offered = [value for value, _word in made.operators]
        if made.operator not in offered:
            made.operator = offered[0]
    return made


def shown(name: str, text: str, figures: Figures, label: str = "", label_en: str = "") -> Condition:
    """A condition of a definition as fields: a row where nothing is lost by it, else text."""
    made = Condition(name, sql=text, kept=text, label=label, label_en=label_en, told=label)
    as_row(made, figures)
    return made


def as_row(made: Condition, figures: Figures) -> None:
    """Turn text into a row where that loses nothing; else say why it stays text."""
    row = row_of(made.sql)
    figure = figures.by_code.get(row.indicator) if row is not None else None
    made.mode, made.stays = "sql", ""
    if not made.sql:
        made.mode = "row"
        return
    if row is None or figure is None:
        made.stays = _("This condition says more than one row can: it stays as text.")
        return
    values = [figures.show(figure, value) for value in row.values]
    if row.operator in LISTS and not (figures.options(figure) and _ticks(figure, figures, row.operator)):
        values = [joined(figures.say(figure, value) if figures.options(figure) else value_text
                         for value, value_text in zip(row.values, values, strict=True))]  # fmt: skip
    trial = _furnished(replace(made, figure=figure.code, operator=row.operator.value, values=values), figures)
    try:
        same = alike(row_from(trial, figures), row)
    except (DomainError, RuleError):
        same = False
    if not same:
        made.stays = _("This condition cannot be shown as a row without losing something: it stays as text.")
        return
    made.mode, made.figure, made.operator, made.values = "row", trial.figure, trial.operator, trial.values
    made.found, made.choices = trial.found, trial.choices


def _ticks(figure: Figure, figures: Figures, operator: Operator) -> bool:
    few = figure.kind.kind not in CODES and len(figures.options(figure)) <= TICKED
    return few and operator in (Operator.IN, Operator.NOT_IN)


def as_text(made: Condition, figures: Figures) -> None:
    """Turn a row into its text; a row that is not finished keeps what stands in its fields."""
    try:
        made.sql = text_from(made, figures)
    except DomainError:
        made.sql = made.kept
    made.mode, made.stays = "sql", ""


def row_from(made: Condition, figures: Figures) -> Row:
    """The row that the fields say. Raises DomainError naming the field."""
    figure = made.found or figures.find(made.figure)
    if figure is None:
        if not made.figure:
            raise DomainError(_("Choose a figure from the list."), field="figure")
        message = _("“%(name)s” is no figure: choose one from the list.") % {"name": made.figure}
        raise DomainError(message, field="figure")
    operator = Operator(made.operator)
    if operator in ALONE:
        return Row(figure.code, operator)
    if operator in LISTS:
        given = [part for value in made.values for part in split(value)]
    else:
        given = made.values[:2] if operator == Operator.BETWEEN else made.values[:1]
    if operator == Operator.BETWEEN:
        given = [*given, "", ""][:2]
    if not given:
        raise DomainError(_("Fill in the value."), field="value")
    return Row(figure.code, operator, tuple(figures.read(figure, value) for value in given))


def text_from(made: Condition, figures: Figures) -> str:
    """The SQL that the fields say; as it came where they say the same. Raises DomainError naming the field."""
    if made.mode == "sql":
        return made.sql
    row = row_from(made, figures)
    before = row_of(made.kept) if made.kept else None
    if before is not None and alike(before, row):
        return made.kept
    try:
        return text_of(row)
    except RuleError:
        raise DomainError(_("This value cannot be part of a condition."), field="value") from None


def alike(first: Row, second: Row) -> bool:
    """They say the same, however the numbers are written."""
    return _bare(first) == _bare(second)


def _bare(row: Row) -> Row:
    values = [Literal(value.value) if isinstance(value, Literal) else value for value in row.values]
    return replace(row, values=tuple(sorted(values, key=str) if row.operator in LISTS else values))


def entries(conditions: Sequence[Condition], figures: Figures) -> list[dict[str, str]]:
    """``when`` of a definition; what is wrong with a row is noted at the row, and its text left empty."""
    spoken = {language: figures.in_language(language) for language in ("zh-hans", "en")}
    found = []
    for made in conditions:
        try:
            text = text_from(made, figures)
        except DomainError as error:
            made.error, made.wrong = error.message, error.field or ""
            text = ""
        label = made.label or words_of(text, spoken["zh-hans"], "zh-hans")
        label_en = made.label_en or words_of(text, spoken["en"], "en")
        if text and not label:
            made.error, made.wrong = _("Say in words what this condition means: enterprises read it."), "label"
        elif text and made.told and made.told == made.label and not made.fits and text.split() != made.kept.split():
            made.error, made.wrong = _("The condition changed, its words did not: change them, or empty them."), "words"
        found.append({"sql": text, "label": label, "label_en": label_en})
    return found


def words_of(text: str, figures: Figures, language: str) -> str:
    """A simple condition as a person says it; empty for one that is no row."""
    row = row_of(text) if text else None
    figure = figures.by_code.get(row.indicator) if row is not None else None
    if row is None or figure is None:
        return ""
    with translation.override(language):
        told = [figures.say(figure, value) for value in row.values]
        if row.operator == Operator.TRUE:
            return figure.name
        rest = _(" and ").join(told) if row.operator == Operator.BETWEEN else joined(told)
        between = "" if language.startswith("zh") else " "
        return between.join(part for part in (figure.name, str(WORDS[row.operator]), rest) if part)
