"""What everyone reads: the library, and a page for each published document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kechuang.apps.policy.domain.payloads import label_of
from kechuang.apps.policy.domain.queries import library
from kechuang.apps.policy.domain.queries.documents import (
    passages_of,
    published_findings_of,
    relations_of,
    revisions_of,
)
from kechuang.apps.policy.domain.queries.reading import Span, layout, parse_span, tidy
from kechuang.apps.policy.domain.queries.vocabulary import beneficiary_classes
from kechuang.apps.policy.interfaces import presentation
from kechuang.apps.policy.interfaces.forms import LibraryForm
from kechuang.apps.policy.interfaces.registrations import sentence_url, source_label
from kechuang.apps.policy.models import Document, Item, ItemKind
from kechuang.kit.http import handles_domain_errors
from kechuang.kit.packs.installed import industry_names
from kechuang.kit.permissions import actor_of, can, visible
from kechuang.kit.search import highlight, snippet

PAGE = 20
TABS = {
    library.DOCUMENT: _("documents"),
    ItemKind.BENEFIT.value: _("benefits"),
    ItemKind.TARGET.value: _("targets"),
    ItemKind.TASK.value: _("tasks set"),
    ItemKind.FACILITY.value: _("facilities"),
    ItemKind.FUND.value: _("funds"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A published finding as readers see it."""

    item: Item
    headline: SafeString | str
    figure: str
    facts: list[tuple[str, str]]
    links: list[presentation.Sentence]


@require_safe
@handles_domain_errors
def index(request: HttpRequest) -> HttpResponse:
    """The library: words, filters, results with their sentences."""
    actor = actor_of(request)
    form = LibraryForm(request.GET, facets=library.facets(actor), kinds=list(TABS.items()))
    form.is_valid()
    wanted = library.Wanted.of(form.cleaned_data)
    what = form.cleaned_data.get("what") or library.DOCUMENT
    numbers = library.counts(actor, wanted)
    rows = (
        library.find_documents(actor, wanted) if what == library.DOCUMENT else library.find_items(actor, wanted, what)
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "wanted": wanted,
        "what": what,
        "tabs": _tabs(request, numbers),
        "page": page,
        "results": _documents(actor, page, wanted) if what == library.DOCUMENT else _findings(page, wanted.q),
        "filtered": _narrowing(request),
    }
    return render(request, "policy/library.html", context)


def _tabs(request: HttpRequest, numbers: dict[str, int]) -> list[dict[str, Any]]:
    query = {name: value for name, value in request.GET.items() if name not in ("what", "page") and value}
    return [
        {"key": key, "label": label, "count": numbers[key], "url": f"?{urlencode({**query, 'what': key})}"}
        for key, label in TABS.items()
    ]


def _narrowing(request: HttpRequest) -> int:
    """How many filters are in use besides the words and the tab."""
    return sum(1 for name, value in request.GET.items() if value and name not in ("q", "what", "page"))


def _documents(actor: Any, page: Any, wanted: library.Wanted) -> list[dict[str, Any]]:
    sentences = library.sentences_with(actor, page, wanted.q)
    return [
        {
            "document": document,
            "title": highlight(document.title, wanted.q),
            "sentences": [
                (sentence_url(document, passage.start, passage.end), snippet(tidy(passage.text), wanted.q))
                for passage in sentences.get(document.pk, ())
            ],
        }
        for document in page
    ]


def _findings(page: Any, query: str) -> list[Finding]:
    return [_finding(item, query) for item in page]


def _finding(item: Item, query: str) -> Finding:
    payload = item.published or {}
    document = item.document
    link = presentation.Sentence(source_label(document), sentence_url(document, item.start, item.end), item.quote)
    return Finding(
        item=item,
        headline=highlight(label_of(item.kind, payload), query),
        figure=presentation.figure(item.kind, payload),
        facts=presentation.facts(item.kind, payload),
        links=[link],
    )


@require_safe
@handles_domain_errors
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One document: its text with anchors, what it grants and demands, and where it stands among the others."""
    actor = actor_of(request)
    rows = visible(actor, Document).select_related("region", "file", "supersedes__file", "superseded_by__file")
    found = Document.objects.filter(pk=pk, superseded_by__isnull=False, is_restatement=True).first()
    if found is not None:
        return redirect("policy:document", found.superseded_by.pk)
    found = get_object_or_404(rows, pk=pk)
    if not found.is_public:
        return redirect("policy:review", pk)
    items = published_findings_of(found)
    spans = [Span(item.pk, item.kind, item.start, item.end) for item in items]
    passages = passages_of(found)
    at = parse_span(request.GET.get("at", ""), len(found.text))
    context = {
        "document": found,
        "blocks": layout(found.text, passages, spans, at, found.title),
        "outline": [(passage, tidy(passage.text)) for passage in passages if passage.level],
        "groups": _groups(found, items),
        "relations": relations_of(actor, found),
        "revisions": revisions_of(found),
        "citation": presentation.citation(found),
        "industries": presentation.names_of(found.industries, industry_names()),
        "beneficiaries": presentation.names_of(found.beneficiaries, beneficiary_classes()),
        "may_review": bool(can(actor, "review", found)),
    }
    return render(request, "policy/document.html", context)


def _groups(found: Document, items: list[Item]) -> list[dict[str, Any]]:
    """Findings by kind, in the order of the library's tabs."""
    groups = []
    for kind, label in TABS.items():
        own = [item for item in items if item.kind == kind]
        for item in own:
            item.document = found
        if own:
            rows = [
                Finding(
                    item=item,
                    headline=label_of(kind, item.published or {}),
                    figure=presentation.figure(kind, item.published or {}),
                    facts=presentation.facts(kind, item.published or {}),
                    links=[presentation.item_sentence(item)],
                )
                for item in own
            ]
            groups.append({"kind": kind, "label": label, "rows": rows})
    return groups
