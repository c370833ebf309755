"""The policy maker's sandbox: turn a number, see at once who gains, who loses and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kechuang.apps.directory.models import Organisation
from kechuang.apps.indicators.models import Snapshot
from kechuang.apps.policy.domain import sandbox
from kechuang.apps.policy.domain.clauses import figure
from kechuang.apps.policy.domain.queries import sandbox as reading
from kechuang.apps.policy.models import Rule
from kechuang.apps.policy.models.award import EligibilityRun, yuan
from kechuang.apps.policy.models.scenario import Scenario
from kechuang.engines.rules.expression import RuleError
from kechuang.engines.rules.scenarios import MOVES, Changes
from kechuang.kit.errors import DomainError
from kechuang.kit.http import handles_domain_errors, is_htmx
from kechuang.kit.numbers import number_text
from kechuang.kit.permissions import Actor, actor_of, authorise, can, visible

PAGE = 50
AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Knob:
    """A number to turn: name of its field, label, what it reads now, what stands in the field, unit."""

    name: str
    label: str
    before: str
    value: str
    unit: str
    words: str


@require_safe
@handles_domain_errors
def index(request: HttpRequest) -> HttpResponse:
    """Choose a snapshot and a rule; go on with a scenario."""
    actor = actor_of(request)
    authorise(actor, "view", Scenario)
    snapshots = list(reading.snapshots_for(actor)[:30])
    rules = list(reading.rules_for(actor).order_by("-region__path", "kind", "code"))
    if request.GET.get("rule", "").isdecimal() and request.GET.get("snapshot", "").isdecimal():
        return redirect("policy:sandbox-rule", int(request.GET["snapshot"]), int(request.GET["rule"]))
    page = Paginator(reading.scenarios_for(actor), 20).get_page(request.GET.get("page"))
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(f"{rule.region} · {rule.get_kind_display()}", []).append(rule)
    context = {
        "snapshots": snapshots,
        "sections": list(groups.items()),
        "page": page,
        "may_assess": bool(can(actor, "add", EligibilityRun)),
    }
    return render(request, "policy/sandbox/index.html", context)


def _subjects(request: HttpRequest, snapshot: int, rule: int) -> tuple[Actor, Snapshot, Rule]:
    actor = actor_of(request)
    authorise(actor, "view", Scenario)
    frozen = get_object_or_404(reading.snapshots_for(actor), pk=snapshot)
    return actor, frozen, get_object_or_404(reading.rules_for(actor), pk=rule)


def read_changes(given: QueryDict, case: sandbox.Case) -> Changes:
    """What a form says differently from the rule: ``p.PATH`` numbers, ``c.POSITION`` conditions.

    Raises DomainError at the field of a number that is none.
    """
    known = {number.path: number.value for number in case.numbers}
    values = {
        name[2:]: str(text)
        for name, text in given.items()
        if name.startswith("p.") and str(text).strip() and name[2:] in known
    }
    texts = {n: each.text for n, each in enumerate(case.family.own.criteria, 1)}
    criteria = {}
    for name, text in given.items():
        place = name[2:]
        if name.startswith("c.") and place.isdecimal() and int(place) in texts:
            wanted = " ".join(str(text).split())
            if wanted and wanted != " ".join(texts[int(place)].split()):
                criteria[place] = wanted
    try:
        read = Changes.read({"values": values, "criteria": criteria})
    except RuleError as error:
        message = _("“%(text)s” is not a number.") % {"text": values.get(error.place or "", "")}
        raise DomainError(message, field=error.place) from None
    return Changes({path: value for path, value in read.values.items() if value != known[path]}, read.criteria)


def knobs_of(case: sandbox.Case, values: Mapping[str, Any]) -> list[Knob]:
    """The fields of the numbers with what the changes say."""
    found = []
    for number in case.numbers:
        shown = Decimal(str(values[number.path])) if number.path in values else number.value
        found.append(
            Knob(
                f"p.{number.path}", _label(number.path, number.label, case), number_text(number.value), f"{shown:f}",
                number.unit or "", figure(number.value, number.unit, number.path),
            )
        )  # fmt: skip
    return found


def _label(path: str, label: str, case: sandbox.Case) -> str:
    head, _dot, rest = path.partition(".")
    place = rest.partition("#")[0]
    if head == "when":
        position = int(place)
        return case.version.label_of(position - 1) or label
    if head == "indicators":
        formula = case.book.formulas.get(place)
        return str(formula) if formula else label
    if head == "limits":
        return _("most in a year") if place == "per_year" else _("most in all")
    words = {"rate": _("rate"), "cap": _("at most"), "floor": _("at least"), "otherwise": _("amount otherwise"),
             "when": _("threshold of a step")}  # fmt: skip
    return words.get(place.rpartition(".")[2], _("amount"))


def _context(
    actor: Actor, snapshot: Snapshot, rule: Rule, case: sandbox.Case, plain: Mapping[str, Any]
) -> dict[str, Any]:
    criteria = plain.get("criteria") or {}
    return {
        "snapshot": snapshot,
        "rule": rule,
        "case": case,
        "group": [case.book.versions[code].rule for code in case.family.codes if code != case.family.code],
        "knobs": knobs_of(case, plain.get("values") or {}),
        "criteria": [
            (n, case.version.label_of(n - 1) or each.label, criteria.get(str(n), each.text))
            for n, each in enumerate(case.family.own.criteria, 1)
        ],
        "others": list(reading.comparable(actor, snapshot, rule)[:12]),
        "may_save": bool(can(actor, "add", Scenario)),
        "may_write": bool(can(actor, "change", rule)),
    }


@require_safe
@handles_domain_errors
def bench(request: HttpRequest, snapshot: int, rule: int) -> HttpResponse:
    """Numbers at the left, what they do at the right; with ``scenario=`` as saved there."""
    actor, frozen, found = _subjects(request, snapshot, rule)
    case = sandbox.case_of(found)
    plain: Mapping[str, Any] = {}
    if request.GET.get("scenario", "").isdecimal():
        saved = get_object_or_404(reading.comparable(actor, frozen, found), pk=int(request.GET["scenario"]))
        plain = saved.changes
    changes = Changes.read(plain)
    context = _context(actor, frozen, found, case, plain)
    context |= _answered(request, actor, frozen, found, changes)
    return render(request, "policy/sandbox/bench.html", context)


def _answered(request: HttpRequest, actor: Actor, snapshot: Snapshot, rule: Rule, changes: Changes) -> dict[str, Any]:
    try:
        tried = sandbox.try_changes(actor, snapshot=snapshot, rule=rule, changes=changes)
    except DomainError as error:
        return {"problem": error.message}
    result = tried.comparison.plain()
    keys = [int(key) for key in request.GET.getlist("beside") if key.isdecimal()][:AT_ONCE]
    beside = list(reading.comparable(actor, snapshot, rule).filter(pk__in=keys))
    return {
        "sides": reading.sides(result, _("this try") if changes else "", beside),
        "splits": reading.splits(result),
        "moves": reading.moves_of(result) if changes else [],
        "clause": tried.clause,
        "changed": bool(changes),
        "subjects": tried.base.result.height,
        "query": request.GET.urlencode(),
    }


@require_safe
@handles_domain_errors
def answer(request: HttpRequest, snapshot: int, rule: int) -> HttpResponse:
    """What the numbers in the form would do, as a fragment."""
    actor, frozen, found = _subjects(request, snapshot, rule)
    case = sandbox.case_of(found)
    try:
        changes = read_changes(request.GET, case)
    except DomainError as error:
        context: dict[str, Any] = {"problem": error.message}
    else:
        context = _answered(request, actor, frozen, found, changes)
    context |= {"snapshot": frozen, "rule": found, "may_save": bool(can(actor, "add", Scenario))}
    context["may_write"] = bool(can(actor, "change", found))
    if not is_htmx(request):
        plain = {} if "problem" in context else changes.plain()
        return render(request, "policy/sandbox/bench.html", _context(actor, frozen, found, case, plain) | context)
    return render(request, "policy/sandbox/_answer.html", context)


@require_safe
@handles_domain_errors
def moves(request: HttpRequest, snapshot: int, rule: int) -> HttpResponse:
    """Who gets it newly, who no longer, who more or less: a list, page by page."""
    actor, frozen, found = _subjects(request, snapshot, rule)
    move = request.GET.get("move", MOVES[0])
    if move not in MOVES:
        raise Http404
    changes = read_changes(request.GET, sandbox.case_of(found))
    tried = sandbox.try_changes(actor, snapshot=frozen, rule=found, changes=changes)
    table = tried.movers(move)
    page = Paginator(range(table.height), PAGE).get_page(request.GET.get("page"))
    shown = table.slice(page.start_index() - 1 if table.height else 0, PAGE)
    rows = Organisation.objects.select_related("region").in_bulk(shown["subject"].to_list())
    back = request.GET.copy()
    for name in ("move", "page"):
        back.pop(name, None)
    context = {
        "snapshot": frozen,
        "rule": found,
        "word": reading.MOVE_WORDS[move],
        "page": page,
        "rows": [
            (rows.get(row["subject"]), row["subject"], yuan(row["bp"]), yuan(row["np"]))
            for row in shown.iter_rows(named=True)
        ],
        "tabs": [
            {"key": key, "label": word, "url": f"?{back.urlencode()}&move={key}", "count": count}
            for key, word, count in reading.moves_of(tried.comparison.plain())
        ],
        "move": move,
        "back": back.urlencode(),
        "clause": tried.clause,
    }
    return render(request, "policy/sandbox/moves.html", context)


@require_POST
@handles_domain_errors
def save(request: HttpRequest, snapshot: int, rule: int) -> HttpResponse:
    """Keep the try as a scenario."""
    actor, frozen, found = _subjects(request, snapshot, rule)
    authorise(actor, "add", Scenario)
    changes = read_changes(request.POST, sandbox.case_of(found))
    made = sandbox.save_scenario(
        actor, snapshot=frozen, rule=found, changes=changes, title=request.POST.get("title", "")
    )
    messages.success(request, _("“%(title)s” is saved. Share it to let the bureau read it.") % {"title": made.title})
    return redirect(made.get_absolute_url())


@require_safe
@handles_domain_errors
def scenario(request: HttpRequest, pk: int) -> HttpResponse:
    """A scenario as it was saved: figures, clause, changes."""
    actor = actor_of(request)
    authorise(actor, "view", Scenario)
    found = get_object_or_404(reading.scenarios_for(actor), pk=pk)
    context = {
        "scenario": found,
        "sides": reading.sides(found.result, found.title),
        "splits": reading.splits(found.result),
        "moves": reading.moves_of(found.result),
        "own": bool(can(actor, "change", found)),
        "may_write": bool(can(actor, "change", found.rule)),
        "link": request.build_absolute_uri(found.get_absolute_url()),
    }
    return render(request, "policy/sandbox/scenario.html", context)


@require_POST
@handles_domain_errors
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Share with the bureau, or no longer."""
    actor = actor_of(request)
    authorise(actor, "change", Scenario)
    found = get_object_or_404(visible(actor, Scenario), pk=pk)
    shared = request.POST.get("shared") == "1"
    sandbox.share_scenario(actor, scenario=found, shared=shared)
    text = _("Shared: the bureau and the auditors can read it by its address.") if shared else _("No longer shared.")
    messages.success(request, text)
    return redirect(found.get_absolute_url())
