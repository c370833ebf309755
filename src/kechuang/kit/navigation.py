"""What the frame of a page offers: the left navigation, the cards of the workbench and the sources of the search.

Apps register theirs when they start; the frame shows each person what their roles allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from kechuang.kit.permissions import EVERYONE, Actor


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the left navigation. ``group`` is the (lazily translated) heading it stands under.

    Groups come in the order of their first item. ``badge`` may count what waits for the actor.
    """

    key: str
    label: Any
    url_name: str
    icon: str
    roles: frozenset[str] = EVERYONE
    group: Any = ""
    order: int = 100
    badge: Callable[[Actor], int] | None = None

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class CardRow:
    """One thing that waits: what, where to do it, by when, in which light (a key of ``kit.lights``)."""

    title: str
    url: str
    meta: str = ""
    due: date | None = None
    light: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a workbench card shows. ``empty`` says why nothing waits and what comes next."""

    title: Any
    rows: Sequence[CardRow] = ()
    total: int | None = None
    url: str = ""
    icon: str = "list-check"
    empty: Any = ""

    @property
    def count(self) -> int:
        return len(self.rows) if self.total is None else self.total


@dataclass(frozen=True, slots=True)
class WorkbenchCard:
    """Registers a card: ``render`` gets the actor and gives a :class:`Card`, ready HTML, or None for no card."""

    key: str
    roles: frozenset[str]
    render: Callable[[Actor], Card | SafeString | None]
    order: int = 100
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of the search across the platform. ``snippet`` may be safe HTML with ``<mark>``."""

    title: str
    url: str
    snippet: str = ""
    kind: Any = ""


SearchSource = Callable[[Actor, str, int], Sequence[Hit]]


@dataclass(slots=True)
class NavGroup:
    """A heading of the left navigation with the entries that the actor may use."""

    label: str
    items: list[tuple[NavItem, bool]] = field(default_factory=list)


_items: dict[str, NavItem] = {}
_portal: dict[str, NavItem] = {}
_cards: dict[str, WorkbenchCard] = {}
_sources: dict[str, tuple[Any, SearchSource]] = {}
_role_labels: list[Callable[[Any], Iterable[str]]] = []


def register_nav(item: NavItem) -> None:
    _items[item.key] = item


def register_portal_link(item: NavItem) -> None:
    """An entry of the public header."""
    _portal[item.key] = item


def register_card(card: WorkbenchCard) -> None:
    _cards[card.key] = card


def register_search_source(name: str, search: SearchSource, label: Any = "") -> None:
    """``search(actor, query, limit)`` finds what the actor may see; ``label`` heads its results."""
    _sources[name] = (label or name, search)


def set_role_labels(labels: Callable[[Any], Iterable[str]]) -> None:
    """The app that knows people says here how a user's current roles read."""
    _role_labels[:] = [labels]


def role_labels(user: Any) -> list[str]:
    return [str(label) for labels in _role_labels for label in labels(user)]


def navigation(actor: Actor, path: str) -> list[NavGroup]:
    """The groups and entries for this actor; the entry whose address begins ``path`` furthest is the current one."""
    usable = [item for item in sorted(_items.values(), key=lambda i: i.order) if actor.has(item.roles) and _known(item)]
    here = max((item.url for item in usable if path.startswith(item.url)), key=len, default="")
    groups: dict[str, NavGroup] = {}
    for item in usable:
        label = str(item.group)
        groups.setdefault(label, NavGroup(label)).items.append((item, item.url == here))
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class PortalLink:
    """An entry of the public header as it is drawn."""

    label: Any
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class PortalLinks:
    """``shown`` stand in the header, ``more`` under a button beside them."""

    shown: Sequence[PortalLink]
    more: Sequence[PortalLink]

    def __iter__(self) -> Iterator[PortalLink]:
        yield from self.shown
        yield from self.more


PORTAL_SHOWN = 5
"""So many entries stand beside the search on a laptop's screen."""


def portal_links(actor: Actor, path: str) -> PortalLinks:
    """What the actor alone may use comes first, then what is for everyone."""
    usable = [item for item in _portal.values() if actor.has(item.roles) and _known(item)]
    usable.sort(key=lambda item: (item.roles == EVERYONE, item.order))
    here = max((item.url for item in usable if path.startswith(item.url)), key=len, default="")
    links = [PortalLink(item.label, item.url, item.icon, item.url == here) for item in usable]
    shown = len(links) if len(links) <= PORTAL_SHOWN + 1 else PORTAL_SHOWN
    return PortalLinks(links[:shown], links[shown:])


def _known(item: NavItem) -> bool:
    try:
        return bool(item.url)
    except NoReverseMatch:
        return False


def cards(actor: Actor) -> list[tuple[WorkbenchCard, Card | SafeString]]:
    """The cards for this actor, in order, those without content left out."""
    found = []
    for card in sorted(_cards.values(), key=lambda c: c.order):
        content = card.render(actor) if actor.has(card.roles) else None
        if content is not None:
            found.append((card, content))
    return found


def search(actor: Actor, query: str, limit: int = 10, only: str = "") -> list[tuple[str, str, Sequence[Hit]]]:
    """(name, label, hits) of every source that found something, or of the one named ``only``."""
    query = query.strip()
    if not query:
        return []
    chosen = {only: _sources[only]} if only in _sources else _sources
    results = [(name, str(label), source(actor, query, limit)) for name, (label, source) in chosen.items()]
    return [result for result in results if result[2]]
