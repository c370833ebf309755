"""The rule editor: a new rule, a new version, a draft that is changed. Nothing typed is lost by a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from kechuang.apps.policy.domain import rules as verbs
from kechuang.apps.policy.domain.queries import sandbox as scenarios
from kechuang.apps.policy.domain.queries.rules import draft_of, regions_to_write, rule_rows
from kechuang.apps.policy.domain.queries.scenario_definitions import changed_definition
from kechuang.apps.policy.domain.sandbox import case_of
from kechuang.apps.policy.interfaces.amounts import FORMS, MEANINGS
from kechuang.apps.policy.interfaces.rule_editor import Editor
from kechuang.apps.policy.models import Document, Rule, RuleVersion
from kechuang.apps.policy.views.sandbox import read_changes
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.scenarios import Changes
from kechuang.kit.errors import DomainError, Stale
from kechuang.kit.http import handles_domain_errors, is_htmx
from kechuang.kit.permissions import Actor, actor_of, authorise, visible


@handles_domain_errors
def new(request: HttpRequest) -> HttpResponse:
    """A rule that is not there yet."""
    actor = actor_of(request)
    authorise(actor, "add", Rule)
    return _page(request, actor, None, None, {})


@handles_domain_errors
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft of a rule, or a new version that begins with the one in force; ``?scenario=`` or the numbers of the
    sandbox begin it with what was tried there."""
    actor = actor_of(request)
    authorise(actor, "add", Rule)
    rule = get_object_or_404(rule_rows(actor), pk=pk)
    authorise(actor, "change", rule)
    draft = draft_of(rule)
    base = draft or rule.current
    return _page(request, actor, rule, draft, dict(base.definition) if base else {})


def _page(
    request: HttpRequest, actor: Actor, rule: Rule | None, draft: RuleVersion | None, before: dict[str, Any]
) -> HttpResponse:
    regions = regions_to_write(actor)
    seen = verbs.edition(draft)
    if request.method == "POST":
        editor = Editor.posted(request.POST, regions, rule, before)
        act = request.POST.get("act", "save")
        if act == "save":
            seen = request.POST.get("seen", "")
            try:
                saved = _saved(actor, editor, rule, seen)
            except Stale as error:
                editor.form.add_error(None, error.message)
                seen = verbs.edition(draft)
                saved = None
            if saved is not None:
                return _to_draft(request, saved)
        elif act == "look":
            editor.look()
            editor.preview()
            return render(request, "policy/rules/_look.html", {"editor": editor})
        else:
            editor.act(act)
    else:
        start = _tried(request, actor, rule, before) if rule is not None else before
        editor = Editor.opened(start, regions, rule, before, draft.note if draft else "")
    editor.preview()
    context = {
        "editor": editor,
        "form": editor.form,
        "rule": rule,
        "draft": draft,
        "seen": seen,
        "forms": FORMS.items(),
        "meanings": MEANINGS,
        "groups": _groups(actor),
        "documents": _documents(actor),
    }
    return render(request, "policy/rules/_editor.html" if is_htmx(request) else "policy/rules/edit.html", context)


def _saved(actor: Actor, editor: Editor, rule: Rule | None, seen: str) -> RuleVersion | None:
    """The draft as it was kept; None where something is wrong, which then stands on the page."""
    entry = editor.definition()
    if entry is None:
        return None
    note = editor.form.cleaned_data["note"]
    try:
        if rule is None:
            return verbs.draft_rule(actor, region=editor.form.home, definition=entry, note=note)
        return verbs.draft_version(actor, rule=rule, definition=entry, note=note, seen=seen)
    except Stale:
        raise
    except DomainError as error:
        editor.form.add_error(error.field if error.field in editor.form.fields else None, error.message)
        return None


def _to_draft(request: HttpRequest, saved: RuleVersion) -> HttpResponse:
    text = _("The draft is saved. Add examples and have another person publish it.")
    messages.success(request, text, extra_tags=f"kc-draft:{request.user.pk}:{request.path}")
    return redirect("policy:rule-draft", saved.rule_id)


def _tried(request: HttpRequest, actor: Actor, rule: Rule, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """The definition to begin with: as it stands, or with what was tried in the sandbox."""
    if "scenario" in request.GET:
        rows = scenarios.scenarios_for(actor).filter(rule=rule)
        key = request.GET["scenario"]
        changes = Changes.read(get_object_or_404(rows, pk=int(key) if key.isdecimal() else 0).changes)
    elif any(name.startswith(("p.", "c.")) for name in request.GET):
        changes = read_changes(request.GET, case_of(rule))
    else:
        return before
    current = rule.current
    try:
        entry, whole = changed_definition(current.definition if current else before, changes)
    except RuleError:
        messages.error(request, _("What was tried does not fit the rule any more; this is the rule as it stands."))
        return before
    if not whole:
        messages.warning(request, _("What you changed in a computed figure is no part of this rule and is left out."))
    return entry


def _groups(actor: Actor) -> list[str]:
    """The words that join rules of which only the highest is paid."""
    rows = visible(actor, Rule).filter(current__isnull=False)
    return sorted({str(word) for word in rows.values_list("current__definition__group", flat=True).order_by() if word})


def _documents(actor: Actor) -> list[tuple[str, str]]:
    rows = visible(actor, Document).filter(published_at__isnull=False).order_by("-issued_on", "-pk")
    return [(number or f"《{title}》", title) for number, title in rows.values_list("doc_number", "title")[:300]]
