"""What changed in the answers of an organisation, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kechuang.apps.policy.domain.alerts import YES, Changed
from kechuang.apps.policy.domain.queries.rulebook import RuleBook
from kechuang.apps.policy.interfaces.rule_words import amount_text
from kechuang.kit.numbers import money_text

NAMED = 4
"""So many rights are named in one message; the page shows the others."""
LONGEST = 500


def sentence(book: RuleBook, change: Changed) -> str:
    """One change: a right that applies now, does no more, or pays another sum."""
    version = book.versions.get(change.code)
    name = str(version.rule) if version is not None else change.code
    if change.lost or version is None:
        return _("“%(rule)s” no longer applies to you.") % {"rule": name}
    sum_now = _sum(change.after[1])
    if change.gained:
        amount = amount_text(version.rule, sum_now, version.definition) if sum_now != 0 else ""
        if amount:
            return _("“%(rule)s” now applies to you: %(amount)s.") % {"rule": name, "amount": amount}
        if sum_now == 0:
            return _("You now meet the conditions of “%(rule)s”; a higher right of its group is paid.") % {"rule": name}
        return _("You now meet the conditions of “%(rule)s”.") % {"rule": name}
    before = _sum(change.before[1] if change.before else None)
    words = {"rule": name, "now": money_text(sum_now or 0), "before": money_text(before or 0)}
    if before is None:
        return _("“%(rule)s”: the sum is known now, %(now)s.") % words
    return _("“%(rule)s”: %(now)s now, %(before)s before.") % words


def _sum(fen: int | None) -> Decimal | None:
    return None if fen is None else (Decimal(fen) / 100).normalize()


def letter(book: RuleBook, organisation: int, changes: Sequence[Changed]) -> tuple[str, str]:
    """The message of a look, and the card or the list that it leads to."""
    page = reverse("policy:my-policies", args=[organisation])
    if len(changes) == 1:
        (change,) = changes
        version = book.versions.get(change.code)
        text = sentence(book, change)
        if version is None:
            return text, page
        if change.after[0] == YES and version.rule.next:
            text = _("%(news)s What to do: %(step)s") % {"news": text, "step": version.rule.next}
        return text[:LONGEST], f"{page}#r-{version.rule_id}"
    head = ngettext(
        "%(n)s answer about your policies has changed.", "%(n)s answers about your policies have changed.", len(changes)
    ) % {"n": len(changes)}
    parts = [head, *(sentence(book, change) for change in changes[:NAMED])]
    left = len(changes) - NAMED
    if left > 0:
        parts.append(ngettext("%(n)s more on the page.", "%(n)s more on the page.", left) % {"n": left})
    return " ".join(parts)[:LONGEST], f"{page}#changed"


@dataclass(frozen=True, slots=True)
class News:
    """A change as the page shows it."""

    on: date
    text: str
    rule: Any
    icon: str
    tone: str


def news_of(book: RuleBook, found: Sequence[tuple[date, Changed]]) -> list[News]:
    """Recent changes for the page."""
    told = []
    for on, change in found:
        version = book.versions.get(change.code)
        better = change.gained or (
            not change.lost and (change.after[1] or 0) > ((change.before[1] or 0) if change.before else 0)
        )
        icon, tone = ("sort-ascending", "good") if better else ("sort-descending", "soon")
        told.append(News(on, sentence(book, change), version.rule if version else None, icon, tone))
    return told
