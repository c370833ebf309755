"""What this app tells the building blocks: sources of evidence, files, navigation, cards, search, lights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kechuang.apps.directory.roles import BUREAU, OFFICERS, READERS, STAFF
from kechuang.apps.indicators.permissions import OWNERS
from kechuang.apps.policy.domain.queries import library
from kechuang.apps.policy.domain.queries.conflicts import open_count
from kechuang.apps.policy.domain.queries.documents import waiting_documents
from kechuang.apps.policy.domain.queries.progress import progress_of_each
from kechuang.apps.policy.domain.queries.reading import tidy
from kechuang.apps.policy.domain.queries.rules import drafts_to_publish
from kechuang.apps.policy.interfaces.rights_card import rights_card
from kechuang.apps.policy.models import Document, ItemKind, RuleVersion
from kechuang.kit.evidence import register_source
from kechuang.kit.files import register_file_owner
from kechuang.kit.lights import register_light
from kechuang.kit.navigation import (
    Card,
    CardRow,
    Hit,
    NavItem,
    WorkbenchCard,
    register_card,
    register_nav,
    register_portal_link,
    register_search_source,
)
from kechuang.kit.permissions import Actor, visible
from kechuang.kit.search import highlight, search, snippet


def source_label(document: Any) -> str:
    """How a document prints beside a figure: number (or title) and day; a restatement says that it is one."""
    name = document.doc_number or f"《{document.title}》"
    day = f" · {date_format(document.issued_on, 'Y-m-d')}" if document.issued_on else ""
    mark = " · " + _("restatement") if document.is_restatement else ""
    return f"{name}{day}{mark}"


def sentence_url(document: Any, start: int, end: int) -> str:
    """Where the sentence stands highlighted."""
    return f"{reverse('policy:document', args=[document.pk])}?at={start}-{end}#at"


register_source(Document, label=source_label, url=sentence_url)
register_file_owner(Document, "file")

for _key, _label, _icon, _tone in (
    ("uploaded", gettext_lazy("waiting to be read"), "hourglass", "unknown"),
    ("extracting", gettext_lazy("being read"), "loader", "done"),
    ("in_review", gettext_lazy("in review"), "eye", "soon"),
    ("revising", gettext_lazy("published, being corrected"), "edit", "soon"),
    ("proposed", gettext_lazy("not reviewed yet"), "circle-dashed", "unknown"),
    ("edited", gettext_lazy("corrected"), "edit", "good"),
    ("open", gettext_lazy("to be decided"), "flag", "soon"),
    ("decided", gettext_lazy("decided"), "checks", "done"),
):
    register_light(_key, _label, _icon, _tone)

GROUP = gettext_lazy("Policy")
register_nav(
    NavItem("policy.upload", gettext_lazy("Upload and review"), "policy:upload", "upload", OFFICERS, GROUP, 10)
)
register_nav(
    NavItem(
        "policy.documents", gettext_lazy("Policy documents"), "policy:documents-list", "file-text", STAFF, GROUP, 11
    )
)
register_nav(
    NavItem("policy.findings", gettext_lazy("Findings"), "policy:findings-list", "list-check", READERS, GROUP, 12)
)
register_nav(
    NavItem(
        "policy.conflicts", gettext_lazy("Conflicts"), "policy:conflicts", "flag", READERS, GROUP, 13, badge=open_count
    )
)
register_nav(
    NavItem("policy.rules", gettext_lazy("Policy rules"), "policy:rules-list", "gauge", STAFF, GROUP, 14),
)
register_nav(
    NavItem(
        "policy.rule_drafts", gettext_lazy("Drafts of rules"), "policy:rule-drafts", "edit", READERS, GROUP, 15,
        badge=lambda actor: drafts_to_publish(actor).count(),
    )
)  # fmt: skip
register_nav(
    NavItem(
        "policy.mine", gettext_lazy("My policies"), "policy:mine", "circle-check", OWNERS,
        gettext_lazy("My enterprise"), 39,
    )
)  # fmt: skip
register_portal_link(NavItem("policy.library", gettext_lazy("Policy library"), "policy:library", "book-2", order=10))
register_portal_link(
    NavItem("policy.calculator", gettext_lazy("Policy calculator"), "policy:calculator", "coin", order=12)
)
register_portal_link(
    NavItem("policy.mine", gettext_lazy("My policies"), "policy:mine", "circle-check", OWNERS, order=8)
)


def review_card(actor: Actor) -> Card:
    """What waits for an officer: documents on their way to publication, with how far their review is."""
    rows = waiting_documents(actor)
    shown = list(rows[:5])
    progress = progress_of_each(shown)
    return Card(
        title=gettext_lazy("Documents to review"),
        rows=[
            CardRow(
                title=str(document),
                url=reverse("policy:review", args=[document.pk]),
                meta=_waits(document, progress[document.pk].whole.waiting),
                light=document.state,
            )
            for document in shown
        ],
        total=rows.count(),
        url=reverse("policy:upload"),
        icon="file-text",
        empty=gettext_lazy("Every document is published. Upload the next one when it comes."),
    )


def _waits(document: Document, waiting: int) -> str:
    if not document.under_review:
        return str(document.get_state_display())
    return ngettext("{count} finding waits", "{count} findings wait", waiting).format(count=waiting)


def conflict_card(actor: Actor) -> Card | None:
    """Conflicts that nobody has decided yet; no card while there is none."""
    count = open_count(actor)
    if not count:
        return None
    title = ngettext("{count} conflict is open", "{count} conflicts are open", count).format(count=count)
    row = CardRow(title=title, url=reverse("policy:conflicts") + "?state=open")
    return Card(gettext_lazy("Conflicts between documents"), [row], count, reverse("policy:conflicts"), "flag")


def draft_card(actor: Actor) -> Card | None:
    """Drafts that the actor may publish; no card while there is none."""
    rows = drafts_to_publish(actor)
    total = rows.count()
    if not total:
        return None
    return Card(
        title=gettext_lazy("Rules to publish"),
        rows=[
            CardRow(
                title=str(draft.definition.get("title") or draft.rule),
                url=reverse("policy:rule-draft", args=[draft.rule_id]),
                meta=_draft_meta(draft),
                light=draft.state,
            )
            for draft in rows[:5]
        ],
        total=total,
        url=reverse("policy:rule-drafts"),
        icon="edit",
    )


def _draft_meta(draft: RuleVersion) -> str:
    words = {"number": draft.number, "who": draft.author or ""}
    told = _("version %(number)s, by %(who)s") if draft.rule.current_id else _("new rule, by %(who)s")
    return f"{told % words} · {date_format(draft.updated_at, 'Y-m-d')}"


register_card(WorkbenchCard("policy.rights", OWNERS, rights_card, order=10))
register_card(WorkbenchCard("policy.rule_drafts", BUREAU, draft_card, order=22))
register_card(WorkbenchCard("policy.review", OFFICERS, review_card, order=20))
register_card(WorkbenchCard("policy.conflicts", OFFICERS, conflict_card, order=25))


def find_documents(actor: Actor, query: str, limit: int) -> Sequence[Hit]:
    """Documents for the search across the platform: what the actor may see, drafts of the own region included."""
    rows = visible(actor, Document).defer("text", "bigrams").select_related("file").order_by("-issued_on", "-pk")
    found = list(search(rows, query, first=("title", "doc_number"))[:limit])
    sentences = library.sentences_with(actor, found, query, each=1)
    hits = []
    for document in found:
        sentence = next(iter(sentences.get(document.pk, ())), None)
        url = sentence_url(document, sentence.start, sentence.end) if sentence else document.get_absolute_url()
        text = snippet(tidy(sentence.text), query) if sentence else ""
        hits.append(Hit(str(document), url, text, document.get_state_display() if not document.is_in_force else ""))
    return hits


def find_benefits(actor: Actor, query: str, limit: int) -> Sequence[Hit]:
    """Published benefits and funds, each with its sentence."""
    from kechuang.apps.policy.interfaces.presentation import figure

    hits: list[Hit] = []
    for kind in (ItemKind.BENEFIT, ItemKind.FUND):
        for item in library.find_items(actor, library.Wanted(q=query), kind)[: limit - len(hits)]:
            title = f"{item} {figure(kind, item.published or {})}".strip()
            hits.append(
                Hit(title, item.get_absolute_url(), highlight(tidy(item.quote), query), item.get_kind_display())
            )
    return hits


register_search_source("policy", find_documents, gettext_lazy("Policy documents"))
register_search_source("benefits", find_benefits, gettext_lazy("Benefits and funds"))
