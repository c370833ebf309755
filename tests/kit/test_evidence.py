from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kechuang.apps.directory.models import Organisation, Unit, User
from kechuang.kit import evidence
from kechuang.kit.errors import Refused
from kechuang.kit.evidence import Anchor, Moved, attach, attach_all, links_for, links_to, move_links, register_source
from kechuang.kit.models import EvidenceLink
from kechuang.kit.permissions import PUBLIC, SYSTEM, Actor, visible


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Organisations stand for documents here."""
    monkeypatch.setattr(evidence, "_sources", {})
    register_source(
        Organisation,
        label=lambda source: f"{source.name} · {source.region.name}",
        url=lambda source, start, end: f"/documents/{source.pk}/#s{start}-{end}",
        prepare=lambda queryset: queryset.select_related("region"),
    )


def test_a_link_prints_its_source_and_leads_to_the_sentence(
    units: list[Unit], organisations: list[Organisation]
) -> None:
    attach(units[0], organisations[0], 10, 14, "市科技局", field="lead")
    [link] = links_for(units[0])[units[0].pk]
    assert (link.field, link.quote, link.state) == ("lead", "市科技局", "exact")
    assert link.label == "甲公司 · 示例市"
    assert link.url == f"/documents/{organisations[0].pk}/#s10-14"
    assert not link.is_lost


def test_attaching_again_changes_nothing(units: list[Unit], organisations: list[Organisation]) -> None:
    first = attach(units[0], organisations[0], 10, 14, "市科技局")
    assert attach(units[0], organisations[0], 10, 14, "市科技局").pk == first.pk
    attach(units[0], organisations[0], 10, 14, "市科技局", field="other")
    assert EvidenceLink.objects.count() == 2


def test_the_link_of_an_item_moves_with_it(units: list[Unit], organisations: list[Organisation]) -> None:
    first = attach(units[0], organisations[0], 10, 14, "市科技局", item_id=7)
    again = attach(units[0], organisations[1], 20, 24, "科学技术局", item_id=7)
    assert again.pk == first.pk
    [link] = links_for(units)[units[0].pk]
    assert (link.source, link.start, link.quote) == (organisations[1], 20, "科学技术局")


def test_equal_anchors_in_one_call_make_one_link(units: list[Unit], organisations: list[Organisation]) -> None:
    anchor = Anchor(units[0], organisations[0], 1, 2, "科")
    one, two = attach_all([anchor, anchor])
    assert one is two
    assert EvidenceLink.objects.count() == 1


def test_links_of_many_come_in_as_many_queries_as_those_of_one(
    units: list[Unit], organisations: list[Organisation]
) -> None:
    attach_all(Anchor(unit, source, n, n + 2, "引文") for unit in units for source in organisations for n in (1, 5, 9))

    def read(objects: list[Unit]) -> int:
        with CaptureQueriesContext(connection) as queries:
            for links in links_for(objects).values():
                for link in links:
                    assert link.label
                    assert link.url
        return len(queries)

    assert read(units[:1]) == read(units) == 2
    assert links_for([]) == {}
    assert links_for(units[0])[units[0].pk][0].source in organisations


def test_every_object_has_an_entry_and_models_do_not_mix(units: list[Unit], organisations: list[Organisation]) -> None:
    assert links_for(units) == {unit.pk: [] for unit in units}
    with pytest.raises(ValueError, match="one model"):
        links_for([units[0], organisations[0]])


def test_sentences_of_a_source_that_one_may_not_see_stay_hidden(
    units: list[Unit], people: dict[str, User], officer: Actor, member: Actor
) -> None:
    own = Organisation.objects.get(memberships__user=people["organisation_member"])
    other = Organisation.objects.create(uscc="other", name="他方", region=own.region)
    unit = units[0]
    attach(unit, own, 1, 2, "甲")
    attach(unit, other, 1, 2, "乙")
    assert [link.quote for link in links_for(unit, actor=member)[unit.pk]] == ["甲"]
    assert [link.quote for link in links_for(unit, actor=officer)[unit.pk]] == ["甲", "乙"]
    assert links_for(unit, actor=PUBLIC)[unit.pk] == []
    assert {link.quote for link in visible(member, EvidenceLink)} == {"甲"}


def test_links_move_to_the_original_and_the_lost_stay_flagged(
    units: list[Unit], organisations: list[Organisation]
) -> None:
    restatement, original = organisations
    links = [attach(unit, restatement, n, n + 2, f"旧{n}") for n, unit in enumerate(units)]
    mapping = {links[0].pk: (50, 53, "新的话"), links[1].pk: (70, 73, "另一句"), links[2].pk: None}
    assert move_links(SYSTEM, old_source=restatement, new_source=original, mapping=mapping) == Moved(2, 2)
    moved = {link.subject_id: link for link in links_to(original)}
    assert (moved[units[0].pk].start, moved[units[0].pk].quote) == (50, "新的话")
    assert {link.state for link in moved.values()} == {EvidenceLink.State.MOVED}
    assert [link.is_lost for link in links_to(restatement)] == [True, True]
    history = links[0].events.order_by("pgh_id").values_list("pgh_label", "quote")
    assert list(history) == [("insert", "旧0"), ("update", "新的话")]


def test_two_sentences_that_became_one_leave_one_link(units: list[Unit], organisations: list[Organisation]) -> None:
    restatement, original = organisations
    a, b = (attach(units[0], restatement, n, n + 2, "旧") for n in (1, 5))
    mapping = {a.pk: (50, 53, "新的话"), b.pk: (50, 53, "新的话")}
    assert move_links(SYSTEM, old_source=restatement, new_source=original, mapping=mapping).moved == 2
    assert [link.subject_id for link in links_to(original)] == [units[0].pk]
    assert not links_to(restatement).exists()


def test_spans_may_shift_over_one_another_within_a_source(units: list[Unit], organisations: list[Organisation]) -> None:
    source = organisations[0]
    a, b = (attach(units[0], source, n, n + 2, "旧") for n in (1, 5))
    mapping = {a.pk: (5, 7, "新"), b.pk: (9, 11, "新")}
    move_links(SYSTEM, old_source=source, new_source=source, mapping=mapping)
    assert [link.start for link in links_to(source)] == [5, 9]


def test_only_officers_move_links(organisations: list[Organisation], people: dict[str, User], member: Actor) -> None:
    with pytest.raises(Refused):
        move_links(member, old_source=organisations[0], new_source=organisations[1], mapping={})


def test_the_database_refuses_a_span_that_runs_backwards(units: list[Unit], organisations: list[Organisation]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        attach(units[0], organisations[0], 9, 3, "反")


def test_a_source_that_nobody_registered_is_an_error(units: list[Unit], organisations: list[Organisation]) -> None:
    attach(organisations[0], units[0], 1, 2, "引")
    with pytest.raises(LookupError, match="not registered"):
        links_for(organisations[0])
