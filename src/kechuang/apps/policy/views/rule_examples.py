"""Examples of a draft: facts that can be imagined, and what is expected for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kechuang.apps.indicators.domain.fact_values import read_value
from kechuang.apps.indicators.models import FactKind
from kechuang.apps.policy.domain.rule_examples import Bench, drop_example, keep_example
from kechuang.apps.policy.interfaces import what_if
from kechuang.apps.policy.interfaces.amounts import wan
from kechuang.apps.policy.interfaces.conditions import typed_text
from kechuang.apps.policy.interfaces.example_words import ANSWER_WORDS, fields
from kechuang.apps.policy.views.rule_drafts import draft_for
from kechuang.engines.rules.expression import RuleError
from kechuang.kit.errors import DomainError, Refused
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.permissions import authorise


@handles_domain_errors
def example(request: HttpRequest, pk: int) -> HttpResponse:
    """Write an example, or change the one that ``?name=`` names."""
    actor, draft = draft_for(request, pk)
    authorise(actor, "change", draft.rule)
    try:
        bench = Bench(draft)
        facts = bench.facts
    except RuleError:
        raise DomainError(_("Mend the rule first: it cannot be read as it stands.")) from None
    replaces = request.POST.get("replaces", request.GET.get("name", ""))
    before: dict[str, Any] = next((each for each in draft.examples if each["name"] == replaces), {})
    amount = before.get("amount")
    said = {
        "name": before.get("name", ""),
        "expect": before.get("expect", "yes"),
        "amount": "" if amount is None else wan(amount),
    }
    given = {code: value for code, value in before.get("given", {}).items() if code in bench.kinds}
    typed: dict[str, str] = {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        said = {name: typed_text(request.POST.get(name, "")) for name in said}
        typed = {code: typed_text(request.POST.get(f"{what_if.PREFIX}{code}", "")) for code in facts}
        values, errors = what_if.read(bench.around.kinds, typed)
        try:
            sum_expected = read_value(FactKind(code="amount", kind=FactKind.Kind.MONEY), said["amount"], typed=True)
            if not errors:
                keep_example(
                    actor, version=draft, name=said["name"], given=values, expect=said["expect"],
                    amount=sum_expected, replaces=replaces,  # type: ignore[arg-type]
                )  # fmt: skip
                messages.success(request, _("The example “%(name)s” is kept.") % {"name": said["name"]})
                return redirect("policy:rule-draft", pk)
        except Refused:
            raise
        except DomainError as error:
            errors[error.field or "name"] = error.message
    context = {
        "draft": draft,
        "rule": draft.rule,
        "fields": fields(bench, bench.values(given), typed, errors),
        "said": said,
        "errors": errors,
        "answers": ANSWER_WORDS.items(),
        "replaces": replaces if before else "",
        "pays": "amount" in draft.definition,
    }
    return render(request, "policy/rules/example.html", context)


@require_POST
@handles_domain_errors
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an example away."""
    actor, draft = draft_for(request, pk)
    drop_example(actor, version=draft, name=request.POST.get("name", ""))
    messages.success(request, _("The example is taken away."))
    return redirect("policy:rule-draft", pk)
