"""Writing, publishing and loading rules. Who publishes is not who wrote; what is published is only ever superseded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.domain.queries.rules import library_document
from kechuang.apps.policy.domain.rule_check import check_definition
from kechuang.apps.policy.domain.rule_examples import checked_examples, require_examples
from kechuang.apps.policy.models import (
    AmountIs,
    Document,
    Formula,
    Rule,
    RuleKind,
    RuleSubject,
    RuleVersion,
    VersionState,
)
from kechuang.kit.errors import DomainError, Stale
from kechuang.kit.evidence import attach, links_for
from kechuang.kit.permissions import Actor, authorise

Definition = Mapping[str, Any]
Examples = Sequence[Mapping[str, Any]] | None


@transaction.atomic
def draft_rule(
    actor: Actor, *, region: Region, definition: Definition, note: str = "", examples: Examples = None
) -> RuleVersion:
    """A new rule as a draft. Raises DomainError where the engine cannot reckon with it or the code is taken."""
    authorise(actor, "add", Rule)
    entry = plain(definition)
    code = check_definition(region, entry)
    if Rule.objects.filter(region=region, code=code).exists():
        raise DomainError(_("There is a rule “%(code)s” already: write a new version of it.") % {"code": code})
    rule = Rule(region=region, code=code)
    describe(rule, entry)
    rule.document = library_document(region, rule.source)
    rule.save()
    authorise(actor, "change", rule)
    return _draft(actor, rule, entry, note, examples)


@transaction.atomic
def draft_version(
    actor: Actor, *, rule: Rule, definition: Definition, note: str = "", examples: Examples = None, seen: str = ""
) -> RuleVersion:
    """A new wording of a rule; a draft that is there already is rewritten, and its author is whoever wrote last.

    The first draft takes the examples of the version in force along. ``seen``: the :func:`edition` of the draft that
    the writer had before them; raises Stale where somebody else has written since.
    """
    locked = Rule.objects.select_for_update(of=("self",)).select_related("region").get(pk=rule.pk)
    authorise(actor, "change", locked)
    entry = plain(definition)
    if check_definition(locked.region, entry) != locked.code:
        raise DomainError(_("A new version keeps the code “%(code)s”.") % {"code": locked.code})
    if seen and seen != edition(locked.versions.filter(state=VersionState.DRAFT).first()):
        raise Stale(_("Somebody else changed this draft while you were writing. Save again to put yours in its place."))
    return _draft(actor, locked, entry, note, examples)


def edition(draft: RuleVersion | None) -> str:
    """Which state of a draft somebody has before them; “none” where there is no draft."""
    return "none" if draft is None else draft.updated_at.isoformat()


@transaction.atomic
def discard_draft(actor: Actor, *, version: RuleVersion) -> None:
    """Throw a draft away; a rule that was never published goes with it."""
    row = _locked(version)
    authorise(actor, "change", row.rule)
    if not row.is_draft:
        raise Stale(_("This version is published: it is only ever superseded by a newer one."))
    rule = row.rule
    row.delete()
    if rule.current_id is None:
        rule.delete()


@transaction.atomic
def publish_version(actor: Actor, *, version: RuleVersion) -> RuleVersion:
    """Put a draft in force in the place of the version before.

    Raises Refused for whoever wrote on it, Stale where it is out, DomainError while an example fails or there is none.
    """
    row = _locked(version)
    if not row.is_draft:
        raise Stale(_("This version is published already."))
    authorise(actor, "publish", row)
    check_definition(row.rule.region, row.definition)
    require_examples(row)
    row.publisher_id = actor.user_id
    return _publish(row)


def _draft(actor: Actor, rule: Rule, entry: dict[str, Any], note: str, examples: Examples) -> RuleVersion:
    row = rule.versions.filter(state=VersionState.DRAFT).first()
    if row is None:
        row = RuleVersion(rule=rule, number=_next_number(rule), examples=rule.current.examples if rule.current else [])
    if examples is not None:
        row.examples = checked_examples(plain_list(examples))
    row.definition, row.note, row.author_id = entry, note.strip()[:500], actor.user_id
    row.writers = sorted({*row.writers, *([actor.user_id] if actor.user_id is not None else [])})
    row.valid_from, row.valid_to = validity(entry)
    row.save()
    return row


def _publish(row: RuleVersion) -> RuleVersion:
    rule = row.rule
    rule.versions.filter(state=VersionState.PUBLISHED).update(state=VersionState.SUPERSEDED, updated_at=timezone.now())
    row.state, row.published_at = VersionState.PUBLISHED, timezone.now()
    row.save()
    before = rule.source
    describe(rule, row.definition)
    if rule.source != before:
        rule.document = library_document(rule.region, rule.source) or rule.document
    rule.current = row
    rule.save()
    rest_on_document(rule, rule.document)
    return row


def _locked(version: RuleVersion) -> RuleVersion:
    rows = RuleVersion.objects.select_for_update(of=("self", "rule")).select_related("rule__region")
    return rows.get(pk=version.pk)


def _next_number(rule: Rule) -> int:
    last = rule.versions.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def plain(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition as JSON holds it: days as text."""
    return json.loads(json.dumps(definition, default=lambda value: value.isoformat(), ensure_ascii=False))


def plain_list(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [plain(each) for each in entries]


def validity(entry: Mapping[str, Any]) -> tuple[date | None, date | None]:
    start, end = entry.get("valid") or (None, None)
    return (date.fromisoformat(start) if start else None), (date.fromisoformat(end) if end else None)


def describe(rule: Rule, entry: Mapping[str, Any]) -> None:
    """Repeat what the definition says in the columns of the rule."""
    source = entry.get("source") or {}
    following = entry.get("next") or {}
    rule.title = str(entry.get("title") or entry["id"])[:200]
    rule.title_en = str(entry.get("name_en") or "")[:300]
    rule.kind = entry.get("kind") or RuleKind.BENEFIT
    rule.subject = entry.get("subject") or RuleSubject.ENTERPRISE
    rule.form = entry.get("form") or ""
    rule.tier, rule.payer, rule.per = (str(entry.get(name) or "")[:60] for name in ("tier", "payer", "per"))
    rule.amount_is = entry.get("amount_is") or (AmountIs.EXACT if "amount" in entry else AmountIs.UNSTATED)
    rule.amount_from = entry.get("amount_from")
    rule.without_application = bool(entry.get("without_application"))
    rule.next_step, rule.next_step_en = (str(following.get(name) or "")[:500] for name in ("zh-hans", "en"))
    rule.source, rule.article = str(source.get("document") or "")[:200], str(source.get("article") or "")[:120]
    rule.wording = str(source.get("quote") or source.get("restatement") or "")
    rule.conflicts = list(entry.get("conflict") or ())
    rule.check_again = str(entry.get("check") or "")[:500]


def rest_on_document(rule: Rule, document: Document | None) -> bool:
    """Link a rule to the sentence of a document where its quote stands; false where it does not stand there."""
    if document is None or not rule.wording:
        return False
    if any(link.quote for link in links_for(rule)[rule.pk]):
        return True
    span = find_quote(document.text, rule.wording)
    if span is None:
        return False
    attach(rule, document, *span, document.text[span[0] : span[1]])
    return True


_PASSED_OVER = frozenset(" \t\r\n\u3000*")


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in a text; blanks, line ends and marks of emphasis do not count."""
    at = text.find(quote)
    if at >= 0:
        return at, at + len(quote)
    places = [place for place, character in enumerate(text) if character not in _PASSED_OVER]
    bare = "".join(text[place] for place in places)
    wanted = "".join(character for character in quote if character not in _PASSED_OVER)
    at = bare.find(wanted) if wanted else -1
    return (places[at], places[at + len(wanted) - 1] + 1) if at >= 0 else None


@transaction.atomic
def keep_rule(
    actor: Actor, *, region: Region, definition: Mapping[str, Any], document: Document | None = None
) -> RuleVersion:
    """A rule as a pack gives it: published at once, nobody its author. Keeping the same again changes nothing.

    Where a person has published another wording since, that one stands.
    """
    authorise(actor, "keep", Rule)
    entry = plain(definition)
    rule, created = _known_rule(region, entry)
    if rule.document_id is None and document is not None:
        rule.document = document
        rule.save(update_fields=["document", "updated_at"])
    last = None if created else rule.versions.filter(state=VersionState.PUBLISHED).first()
    if last is not None and (last.author_id is not None or last.definition == entry):
        rest_on_document(rule, rule.document)
        return last
    row = RuleVersion(rule=rule, number=_next_number(rule), definition=entry, note=_("loaded from the pack"))
    row.valid_from, row.valid_to = validity(entry)
    return _publish(row)


def _known_rule(region: Region, entry: Mapping[str, Any]) -> tuple[Rule, bool]:
    rows = Rule.objects.select_for_update(of=("self",)).filter(region=region, code=entry["id"])
    rule = rows.select_related("region", "document").first()
    if rule is not None:
        return rule, False
    rule = Rule(region=region, code=entry["id"])
    describe(rule, entry)
    rule.save()
    return rule, True


@transaction.atomic
def keep_formula(actor: Actor, *, region: Region, code: str, **values: Any) -> Formula:
    """A formula as a pack gives it: published at once. ``values``: name, name_en, unit, expression, order, check_again.

    Keeping the same again changes nothing; where a person has published another since, that one stands.
    """
    authorise(actor, "keep", Formula)
    rows = Formula.objects.select_for_update().filter(region=region, code=code)
    last = rows.filter(state=VersionState.PUBLISHED).first()
    if last is not None and (last.author_id or all(getattr(last, name) == value for name, value in values.items())):
        return last
    number = (rows.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    if last is not None:
        rows.filter(pk=last.pk).update(state=VersionState.SUPERSEDED, updated_at=timezone.now())
    return Formula.objects.create(
        region=region, code=code, number=number, state=VersionState.PUBLISHED, published_at=timezone.now(), **values
    )


def follow_original(restatement: Document, original: Document) -> None:
    """Rules that rested on a restatement rest on the original that took its place."""
    Rule.objects.filter(document=restatement).update(document=original, updated_at=timezone.now())


def free_code(region: Region) -> str:
    """A code that no rule of the region has yet."""
    last = Rule.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return f"r{region.code}-{last + 1}"
