"""The yearly return: a page that asks only what is not known, and a workbook for one or many organisations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Organisation
from kechuang.apps.directory.uscc import clean_uscc
from kechuang.apps.indicators.domain.fact_values import typed, unit_of
from kechuang.apps.indicators.domain.facts import FactErrors, declare_facts
from kechuang.apps.indicators.domain.queries.facts import active_kinds, facts_of
from kechuang.apps.indicators.interfaces.data import Item, Section, sections_of
from kechuang.apps.indicators.models import FactKind
from kechuang.kit.errors import DomainError
from kechuang.kit.facts import provided_codes
from kechuang.kit.importing import Mistake, Sheet
from kechuang.kit.permissions import Actor, visible

ROW_LIMIT = 2_000
USCC_HEADERS = ("统一社会信用代码", "unified social credit code", "uscc")


@dataclass(slots=True)
class Outcome:
    """What an upload did, or would do: nothing is written where there are mistakes."""

    rows: int = 0
    facts: int = 0
    same: int = 0
    contests: int = 0
    mistakes: list[Mistake] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def asked_sections(organisation: Organisation, year: int) -> list[Section]:
    """The sections of the return: those with something that nobody knows, without what registries tell."""
    provided = provided_codes()
    sections = sections_of(organisation, year)
    for part in sections:
        part.items = [
            item
            for item in part.items
            if item.known is not None or not (item.kind.from_registry or item.code in provided)
        ]
    return [part for part in sections if part.items]


def fill(sections: Sequence[Section], data: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, by code; the items remember it, so that nothing typed is lost."""
    found = {}
    for item in items_of(sections):
        if item.code in data:
            item.typed = str(data[item.code]).strip()
            if item.typed:
                found[item.code] = item.typed
    return found


def items_of(sections: Sequence[Section]) -> list[Item]:
    return [item for part in sections for item in part.items]


def headers_of(kinds: Sequence[FactKind]) -> list[str]:
    """``营业收入（万元）``: the name with the unit that is typed."""
    return [f"{kind}（{unit_of(kind)}）" if unit_of(kind) else str(kind) for kind in kinds]


def asked_kinds() -> list[FactKind]:
    """The columns of the workbook."""
    provided = provided_codes()
    return [kind for kind in active_kinds() if not kind.lag and kind.code not in provided]


def template_rows(organisations: Sequence[Organisation], year: int) -> tuple[list[str], list[list[Any]]]:
    """The workbook to fill in: one line for each organisation; for a single one with what is known of it."""
    kinds = asked_kinds()
    heads = [_("Unified social credit code"), _("Name"), *headers_of(kinds)]
    known = facts_of(organisations[0], year, kinds=kinds) if len(organisations) == 1 else {}
    rows: list[list[Any]] = [
        [row.uscc, row.name, *(typed(kind, known[kind.code].value) if kind.code in known else "" for kind in kinds)]
        for row in organisations
    ]
    return heads, rows


def take_sheet(actor: Actor, sheet: Sheet, *, year: int) -> Outcome:
    """Declare (or import, for an official) every row; where one is wrong, all mistakes are told and nothing is kept."""
    outcome = Outcome()
    columns, outcome.ignored = _columns(sheet.headers)
    if "uscc" not in columns:
        raise DomainError(_("The column with the unified social credit code is missing."), field="file")
    if len(sheet.rows) > ROW_LIMIT:
        raise DomainError(_("The file has more than %(n)s rows. Split it.") % {"n": ROW_LIMIT}, field="file")
    at = columns.pop("uscc")
    organisations = _organisations(actor, sheet, at)
    with transaction.atomic():
        seen: dict[str, int] = {}
        for number, cells in sheet.rows:
            code = clean_uscc(str(cells[at])) if at < len(cells) else ""
            problem = _problem(number, code, organisations, seen)
            if problem is not None:
                outcome.mistakes.append(problem)
                continue
            values = {name: cells[i] for name, i in columns.items() if i < len(cells) and str(cells[i]).strip()}
            _take_row(actor, outcome, number, organisations[code], values, year)
        if outcome.mistakes:
            transaction.set_rollback(True)
    return outcome


def _problem(number: int, code: str, organisations: Mapping[str, Organisation], seen: dict[str, int]) -> Mistake | None:
    """What is wrong with the organisation that a row names."""
    head = _("Unified social credit code")
    if code not in organisations:
        return Mistake(number, head, _("No organisation of yours has this code."), code)
    if code in seen:
        return Mistake(number, head, _("the same as row %(row)s") % {"row": seen[code]}, code)
    seen[code] = number
    return None


def _take_row(
    actor: Actor, outcome: Outcome, number: int, organisation: Organisation, values: Mapping[str, Any], year: int
) -> None:
    try:
        with transaction.atomic():
            done = declare_facts(actor, organisation=organisation, year=year, values=_as_typed(values), typed=True)
    except FactErrors as error:
        names = {kind.code: str(kind) for kind in asked_kinds()}
        for name, message in error.errors.items():
            outcome.mistakes.append(Mistake(number, names.get(name, name), message, str(values.get(name, ""))))
        return
    except DomainError as error:
        outcome.mistakes.append(Mistake(number, "", error.message))
        return
    outcome.rows += 1
    outcome.facts += len(done.facts)
    outcome.same += len(done.same)
    outcome.contests += len(done.contests)


def _as_typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of a spreadsheet stand in the unit of the heading, as if typed."""
    found = {}
    for name, cell in values.items():
        if isinstance(cell, bool) or not isinstance(cell, (int, float)):
            found[name] = cell
        else:
            found[name] = repr(int(cell)) if float(cell).is_integer() else repr(cell)
    return found


def _columns(headers: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """(code → column, headers without meaning): by code or by name in either language, units in brackets aside."""
    known: dict[str, str] = dict.fromkeys(USCC_HEADERS, "uscc")
    for kind in active_kinds():
        known |= {name.lower(): kind.code for name in (kind.code, kind.name, kind.name_en) if name}
    found: dict[str, int] = {}
    ignored = []
    for at, header in enumerate(headers):
        plain = re.sub(r"[（(][^（）()]*[）)]$", "", header).strip().lower()
        code = known.get(header.strip().lower()) or known.get(plain)
        if code and code not in found:
            found[code] = at
        elif header and plain not in ("名称", "企业名称", "单位名称", "name"):
            ignored.append(header)
    return found, ignored


def _organisations(actor: Actor, sheet: Sheet, at: int) -> dict[str, Organisation]:
    codes = {clean_uscc(str(cells[at])) for _number, cells in sheet.rows if at < len(cells)}
    rows = visible(actor, Organisation).filter(uscc__in=codes).select_related("region")
    return {row.uscc: row for row in rows}
