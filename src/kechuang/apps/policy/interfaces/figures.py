"""The figures that a condition can be about, as an author finds and writes them: facts and formulas by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.indicators.domain.fact_values import read_value, say, typed, unit_of
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.queries.rulebook import codes_above
from kechuang.apps.policy.domain.rule_check import Surroundings
from kechuang.apps.policy.models import Formula
from kechuang.engines.rules.expression import Column, Literal, RuleError, Today, parse
from kechuang.engines.rules.kinds import Kind, Kinds
from kechuang.engines.rules.rows import Operand, value_of
from kechuang.kit.errors import DomainError
from kechuang.kit.packs.installed import industry_names
from kechuang.kit.packs.rights import ENGINE_KINDS

SHARES = ("比例", "%")
WIDE = Decimal(10) ** 15
TODAY_WORDS = {"今天", "当天", "today", "current_date"}
CODES = (FactKind.Kind.REGION.value, FactKind.Kind.INDUSTRY.value)


@dataclass(frozen=True, slots=True)
class Figure:
    """One entry to choose. ``kind`` tells how its values are written; for a formula it is kept nowhere."""

    code: str
    name: str
    kind: FactKind
    derived: bool = False

    @property
    def engine_kind(self) -> Kind:
        return ENGINE_KINDS[self.kind.kind]

    @property
    def unit(self) -> str:
        """What stands behind the field: 万元, %, 人; empty for yes and no, days, codes."""
        return unit_of(self.kind)

    @property
    def hint(self) -> str:
        """What tells it from others of a similar name."""
        return " · ".join(part for part in (self.unit, _("computed") if self.derived else "", self.code) if part)


class Figures:
    """All figures of a region, by code and by name; and how their values are read and shown."""

    def __init__(self, around: Surroundings, places: Mapping[str, str] | None = None) -> None:
        self.around = around
        entries = [
            *((code, str(formula), _kind_of(formula, around), True) for code, formula in around.formulas.items()),
            *((code, str(kind), kind, False) for code, kind in around.kinds.items() if code not in around.formulas),
        ]
        names = [name for _code, name, _kind, _derived in entries]
        self.by_code = {
            code: Figure(code, name if names.count(name) == 1 else f"{name}（{code}）", kind, derived)
            for code, name, kind, derived in entries
        }
        self._codes: dict[str, str] = {}
        for code, figure in self.by_code.items():
            own = around.kinds.get(code) or around.formulas[code]
            self._codes |= {_folded(word): code for word in (own.name_en, own.name, figure.name, code) if word}
        self.places = places_of(around.region) if places is None else places

    def in_language(self, language: str) -> Figures:
        """The same figures with their names in another language."""
        with translation.override(language):
            return Figures(self.around, self.places)

    @property
    def all(self) -> list[Figure]:
        """In the order of the catalogue, formulas last."""
        return sorted(self.by_code.values(), key=lambda figure: (figure.derived, figure.kind.order, figure.name))

    def find(self, text: str) -> Figure | None:
        """The figure of this name or code."""
        return self.by_code.get(self._codes.get(_folded(text), ""))

    def options(self, figure: Figure) -> list[tuple[str, str]]:
        """What can be chosen as a value, as (code, name); empty where values are written."""
        if figure.kind.kind == FactKind.Kind.REGION:
            return list(self.places.items())
        if figure.kind.kind == FactKind.Kind.INDUSTRY:
            return list(industry_names().items())
        return list(figure.kind.options)

    def read(self, figure: Figure, text: str) -> Operand:
        """A value as it was typed. Raises DomainError with what to write instead."""
        text = text.strip()
        if not text:
            raise DomainError(_("Fill in the value."), field="value")
        other = self.find(text)
        if other is not None and other.engine_kind == figure.engine_kind and figure.engine_kind != Kind.TEXT:
            return Column(other.code)
        if figure.engine_kind == Kind.DATE and text.lower() in TODAY_WORDS:
            return Today()
        if figure.kind.kind in CODES:
            return self._code(figure, text)
        try:
            value = read_value(figure.kind, text, typed=True)
            plain = f"{value:f}" if isinstance(value, Decimal) else str(value)
            if "." in plain and isinstance(value, Decimal):
                plain = plain.rstrip("0").rstrip(".")
            return value_of(plain, figure.engine_kind)
        except RuleError:
            raise DomainError(_("“%(text)s” is no value of this figure.") % {"text": text}, field="value") from None
        except DomainError as error:
            raise DomainError(error.message, field="value") from None

    def _code(self, figure: Figure, text: str) -> Operand:
        wanted = _folded(text)
        for code, name in self.options(figure):
            if wanted in (_folded(code), _folded(name), _folded(f"{code} {name}")):
                return Literal(code, f"'{code}'")
        if text.isascii() and text.isalnum() and any(letter.isdigit() for letter in text):
            return Literal(text, f"'{text}'")
        raise DomainError(_("“%(text)s” is in no list: choose from the list.") % {"text": text}, field="value")

    def show(self, figure: Figure, value: Operand) -> str:
        """A value as an author would type it."""
        match value:
            case Column(name):
                return self.by_code[name].name if name in self.by_code else name
            case Today():
                return _("today")
            case Literal(_, text) if figure.engine_kind == Kind.NUMBER:
                return typed(figure.kind, Decimal(text))
        if figure.kind.kind in CODES:
            return self.say(figure, value)
        return str(value.value)

    def say(self, figure: Figure, value: Operand) -> str:
        """A value in a sentence, with its unit or its name."""
        match value:
            case Literal(_, text) if figure.engine_kind == Kind.NUMBER:
                return say(figure.kind, Decimal(text))
            case Literal(str() as code):
                return dict(self.options(figure)).get(code, code)
        return self.show(figure, value)


def _folded(text: str) -> str:
    return "".join(text.split()).lower()


def places_of(region: Region) -> dict[str, str]:
    """Code to name: the regions that the region lies in, itself, and those within it."""
    above = Region.objects.filter(code__in=codes_above(region))
    return {
        row.code: row.name for row in (above | Region.objects.filter(path__startswith=region.path)).order_by("path")
    }


def joined(names: Iterable[str]) -> str:
    return "、".join(names)


def split(text: str) -> list[str]:
    """Several values of one field."""
    for sign in "，,;；\n":
        text = text.replace(sign, "、")
    return list(dict.fromkeys(part.strip() for part in text.split("、") if part.strip()))


def _kind_of(formula: Formula, around: Surroundings) -> FactKind:
    """How values of a formula are written, told by its unit."""
    try:
        engine = Kinds(around.declared).kind(parse(formula.expression))
    except RuleError:
        engine = None
    word = {Kind.BOOLEAN: FactKind.Kind.BOOLEAN, Kind.DATE: FactKind.Kind.DATE, Kind.TEXT: FactKind.Kind.TEXT}.get(
        engine or Kind.NUMBER
    )
    if word is None:
        word = FactKind.Kind.MONEY if formula.unit == "元" else FactKind.Kind.NUMBER
        word = FactKind.Kind.RATIO if formula.unit in SHARES else word
    bounds = {"low": -WIDE, "high": WIDE} if word == FactKind.Kind.RATIO else {}
    return FactKind(
        code=formula.code, name=formula.name, name_en=formula.name_en, kind=word, unit=formula.unit, **bounds
    )
