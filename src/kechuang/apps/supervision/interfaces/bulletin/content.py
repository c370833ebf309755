"""What a bulletin says, from its frozen figures: written once, set by both printers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kechuang.apps.supervision.domain.lights import OPEN_LIGHTS, Light
from kechuang.apps.supervision.models import Bulletin
from kechuang.kit import charts

ORDER = tuple(light.value for light in Light)
MOST_BARS = 14
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with the sentence that it proves."""

    caption: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Table:
    """``widths`` are shares of the page's width; ``left`` the columns of words, which are not centred."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    left: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Paragraph | Picture | Table | PageBreak


@dataclass(frozen=True, slots=True)
class Masthead:
    """What stands above the text."""

    title: str
    number: str
    issuer: str
    day: str


def masthead(bulletin: Bulletin) -> Masthead:
    number = _("(%(year)s, issue %(issue)s)") % {"year": bulletin.year, "issue": bulletin.issue}
    return Masthead(bulletin.title, number, bulletin.figures["issuer"], long_day(bulletin.as_of))


def blocks_of(bulletin: Bulletin) -> list[Block]:
    """The whole text in order."""
    figures = bulletin.figures
    return [
        *_general(figures),
        *_units(figures),
        *_counties(figures),
        *_late(figures),
        *_asked(figures),
        PageBreak(),
        *_annexes(figures),
    ]


def long_day(day: date | str) -> str:
    """A day as official papers write it."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return _("%(year)s-%(month)s-%(day)s") % {"year": day.year, "month": day.month, "day": day.day}


def _general(figures: Figures) -> Iterator[Block]:
    total, lights = figures["total"], figures["total"]["lights"]
    yield Heading(_("I. General state"))
    yield Paragraph(
        _("As of %(day)s the ledger lists %(total)s key tasks of %(plans)s documents: %(parts)s.")
        % {
            "day": long_day(figures["as_of"]),
            "total": total["total"],
            "plans": len(figures["plans"]),
            "parts": _("; ").join(
                _("%(light)s %(n)s") % {"light": Light(k).label, "n": n} for k, n in lights.items() if n
            ),
        }
    )
    if total["done_share"] is not None:
        yield Paragraph(
            _("Leaving stopped tasks aside, %(share)s%% of the tasks are done and %(open)s are under way.")
            % {"share": _number(total["done_share"]), "open": sum(lights[light.value] for light in OPEN_LIGHTS)}
        )
    moved = figures["movement"]
    yield Paragraph(
        _(
            "Since %(since)s the bureau accepted %(accepted)s progress reports and returned %(returned)s; %(done)s "
            "tasks were confirmed as done, %(extended)s deadlines were extended, "
            "%(late)s tasks newly passed their deadlines."
        )
        % {**moved, "since": long_day(moved["since"]), "late": moved["newly_overdue"]}
    )
    rows = [
        [plan["name"] + (f"（{plan['doc_number']}）" if plan["doc_number"] else ""), *_cells(plan)]
        for plan in figures["plans"]
    ]
    yield Table(_("Table 1: tasks by document"), [_("Document"), *_heads()], rows, [4.2, *[1] * len(_heads())])


def _units(figures: Figures) -> Iterator[Block]:
    units = figures["units"]
    known = [row for row in units if row["key"]]
    yield Heading(_("II. Units in charge"))
    yield Paragraph(_("The tasks lie in the charge of %(n)s units.") % {"n": len(known)} + _late_among(known))
    rows = [charts.Lights(row["name"], row["lights"]) for row in units[:MOST_BARS]]
    chart = charts.status_lights(rows, order=ORDER)
    height = 2.5 + 0.7 * len(rows)
    yield Picture(_("Figure 1: tasks of the units in charge by light"), charts.png(chart, width=15.5, height=height))


def _late_among(rows: Sequence[Figures]) -> str:
    """Which of the units or counties have overdue tasks."""
    late = [row for row in rows if row["lights"][Light.OVERDUE.value]]
    if not late:
        return _(" None of them has an overdue task.")
    names = "、".join(
        _("%(unit)s (%(n)s)") % {"unit": row["name"], "n": row["lights"][Light.OVERDUE.value]} for row in late[:8]
    )
    return _(" %(n)s of them have overdue tasks: %(names)s.") % {"n": len(late), "names": names}


def _counties(figures: Figures) -> Iterator[Block]:
    rows = [row for row in figures["counties"] if row["total"]]
    yield Heading(_("III. Counties and zones"))
    if not rows:
        yield Paragraph(_("No task has been handed to the counties and zones yet."))
        return
    values = {"n": sum(row["total"] for row in rows), "counties": len(rows)}
    yield Paragraph(_("%(n)s tasks were handed to %(counties)s counties and zones.") % values + _late_among(rows))
    chart = charts.status_lights([charts.Lights(row["name"], row["lights"]) for row in rows], order=ORDER)
    height = 2.5 + 0.48 * len(rows)
    yield Picture(_("Figure 2: tasks handed to counties by light"), charts.png(chart, width=15.5, height=height))


def _late(figures: Figures) -> Iterator[Block]:
    lights, silent = figures["total"]["lights"], figures["silent"]
    yield Heading(_("IV. What needs attention"))
    yield Paragraph(
        _("%(late)s tasks have passed their deadlines and %(soon)s fall due within %(days)s days (annex 2).")
        % {
            "late": lights[Light.OVERDUE.value],
            "soon": lights[Light.DUE_SOON.value],
            "days": figures["rules"]["due_soon_days"],
        }
    )
    if silent:
        names = "、".join(_("%(unit)s (%(n)s)") % {"unit": each["unit"], "n": each["tasks"]} for each in silent[:10])
        yield Paragraph(
            _("On %(n)s tasks no accepted report has come for more than %(days)s days; in charge: %(names)s.")
            % {"n": lights[Light.SILENT.value], "days": figures["rules"]["silent_days"], "names": names}
        )


def _asked(figures: Figures) -> Iterator[Block]:
    yield Heading(_("V. What is asked for"))
    yield Paragraph(
        _(
            "Units in charge of overdue tasks report on the platform what is missing, by when it will be done and who "
            "sees to it; where the deadline cannot be kept, they ask for more time there and give the reasons."
        )
    )
    yield Paragraph(
        _(
            "Units with tasks that fall due soon or have not been reported on for long report before the end of the "
            "period. Every figure of this bulletin can be followed on the platform to the task "
            "and the sentence it rests on."
        )
    )


def _annexes(figures: Figures) -> Iterator[Block]:
    heads = _heads()
    yield Table(
        _("Annex 1: tasks by unit in charge"),
        [_("Unit in charge"), *heads],
        [[row["name"], *_cells(row)] for row in [*figures["units"], {**figures["total"], "name": _("Total")}]],
        [3, *[1] * len(heads)],
    )
    yield Table(
        _("Annex 2: tasks overdue and due soon"),
        [_("No."), _("Task"), _("Who answers for it"), _("Due on"), _("Progress"), _("Light")],
        [
            [
                str(number),
                row["title"],
                "、".join(row["units"]) or _("to be supplied"),
                row["due_on"] or _("to be supplied"),
                f"{row['percent']}%",
                str(Light(row["light"]).label),
            ]
            for number, row in enumerate(figures["listed"], start=1)
        ],
        [0.7, 4, 4, 1.7, 1, 1.5],
        left=frozenset({1, 2}),
    )


def _heads() -> list[str]:
    return [_("Total"), *(str(light.label) for light in Light), _("Done, %")]


def _cells(row: Figures) -> list[str]:
    share = _("to be supplied") if row["done_share"] is None else _number(row["done_share"])
    return [str(row["total"]), *(str(row["lights"][light.value]) for light in Light), share]


def _number(value: float) -> str:
    return f"{value:g}"
