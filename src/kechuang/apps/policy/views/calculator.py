"""The policy calculator: for everyone, one question at a time, only those that still matter; nothing is kept.

All answers stand in the address, as they were typed: it can be shared, and the browser's way back works.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kechuang.apps.directory.models import Organisation, Region
from kechuang.apps.indicators.domain.fact_values import unit_of
from kechuang.apps.policy.domain.eligibility import Answers, Group, answers_from, total
from kechuang.apps.policy.interfaces import answers as words_of
from kechuang.apps.policy.interfaces import what_if
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.packs.installed import installed_pack
from kechuang.kit.permissions import actor_of

QUESTIONS = 12
"""After so many the result is shown; whoever wants goes on."""
RESERVED = frozenset({"kind", "skip", "ask", "result"})


@dataclass(frozen=True, slots=True)
class Given:
    """What the address says: the kind of organisation, answers as typed by code, what was passed over."""

    kind: str
    typed: dict[str, str]
    skipped: tuple[str, ...]

    @classmethod
    def of(cls, query: QueryDict) -> Given:
        kind = query.get("kind", "")
        typed = {name: str(value)[:300] for name, value in query.items() if name not in RESERVED and str(value).strip()}
        skipped = tuple(dict.fromkeys(query.getlist("skip")))
        return cls(kind if kind in Organisation.Kind.values else "", typed, skipped)

    @property
    def asked(self) -> int:
        return len(self.typed) + len(self.skipped)

    def url(self, *, without: str = "", **more: str) -> str:
        """The address with these answers, less one of them."""
        pairs = [("kind", self.kind)] if self.kind else []
        pairs += [(code, text) for code, text in self.typed.items() if code != without]
        pairs += [("skip", code) for code in self.skipped if code != without]
        return f"{reverse('policy:calculator')}?{urlencode([*pairs, *more.items()])}"


@require_safe
@handles_domain_errors
def calculator(request: HttpRequest) -> HttpResponse:
    """The first screen, the next question, or the result."""
    region = Region.objects.filter(code=installed_pack().region).first()
    if region is None:
        raise Http404
    given = Given.of(request.GET)
    if not given.kind:
        return render(request, "policy/calculator.html", {"kinds": Organisation.Kind.choices, "city": region})
    known = answers_from(region, {}, given.kind)
    values, errors = what_if.read(known.book.kinds, given.typed)
    answers = answers_from(region, values, given.kind)
    code = _next(request, given, answers, errors)
    context = {
        "given": given,
        "answers": answers,
        "city": region,
        "kind_label": dict(Organisation.Kind.choices)[given.kind],
        "counts": {group.value: len(answers.of(group)) for group in Group},
        "total": total(answers.rules),
    }
    if code:
        return render(
            request, "policy/calculator_question.html", context | _question(given, answers, code, errors, region)
        )
    return render(request, "policy/calculator_result.html", context | _result(request, given, answers))


def _next(request: HttpRequest, given: Given, answers: Answers, errors: dict[str, str]) -> str:
    """The code to ask for now; empty where the result is due."""
    kinds = answers.book.kinds
    if errors:
        return next(iter(errors))
    asked = request.GET.get("ask", "")
    if asked in kinds and asked not in given.typed:
        return asked
    if "result" in request.GET or given.asked >= QUESTIONS:
        return ""
    return next((code for code, _count in answers.wanted() if code not in given.skipped), "")


def _question(given: Given, answers: Answers, code: str, errors: dict[str, str], region: Region) -> dict[str, Any]:
    kind = answers.book.kinds[code]
    form = what_if.form_of(kind)
    field = what_if.Field(
        name=code,
        code=code,
        label=kind.asked,
        form=form,
        unit=unit_of(kind) if form == "number" else "",
        value=given.typed.get(code, ""),
        options=what_if.options_of(kind, region) if form == "choice" else (),
        error=errors.get(code, ""),
        # Places and industries are chosen by name: how their codes are written is no help.
        help="" if kind.kind in ("region", "industry") else kind.definition,
    )
    return {
        "field": field,
        "few": len(field.options) <= 6,
        "number": given.asked + (0 if code in given.typed or code in given.skipped else 1),
        "most": max(QUESTIONS, given.asked),
        "percent": min(100, round(100 * given.asked / QUESTIONS)),
        "kept": [(name, text) for name, text in given.typed.items() if name != code],
        "kept_skips": [name for name in given.skipped if name != code],
        "waiting": dict(answers.wanted()).get(code, 0),
        "result_url": given.url(without=code if code in errors else "", result="1"),
    }


def _result(request: HttpRequest, given: Given, answers: Answers) -> dict[str, Any]:
    def ask(code: str) -> str:
        return given.url(without=code, ask=code)

    words = words_of.Words(answers.book, ask=ask)
    kinds = answers.book.kinds
    return {
        "sections": words_of.sections(actor_of(request), answers, words),
        "told": [
            (str(kinds[code]), words.value(code, answers.values[code]), given.url(without=code, ask=code))
            for code in given.typed
            if code in answers.values
        ],
        "wanted": words_of.wanted(answers, words),
        "share": request.build_absolute_uri(given.url(result="1")),
        "again": reverse("policy:calculator"),
    }
