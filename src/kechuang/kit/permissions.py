"""Who may see and do what: decided once per model, asked by pages, search, exports, API and files alike.

A *grant* is a role within a scope (a region's subtree, a unit, an organisation), an *actor* a person with all grants.
A *policy* answers two questions for its model: which rows may this actor see (``scope``), and may this actor do that
(``can``), always with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from kechuang.kit.errors import Refused

READING = frozenset({"view", "export", "history"})
EVERYONE = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Grant:
    """One role and where it holds. ``region`` is a region's path (``410000/411300/``): it covers the subtree."""

    role: str
    region: str | None = None
    unit: int | None = None
    organisation: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the anonymous public, ``user_id`` None; or the system itself) with everything granted to them."""

    user_id: int | None = None
    grants: tuple[Grant, ...] = ()
    is_system: bool = False

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)

    def has(self, roles: Iterable[str]) -> bool:
        """True where one of ``roles`` is held; ``"*"`` is held by everyone, the public included."""
        wanted = frozenset(roles)
        return self.is_system or "*" in wanted or bool(self.roles & wanted)

    def regions(self, *roles: str) -> tuple[str, ...]:
        """Paths of the regions in which one of ``roles`` is held."""
        return tuple(g.region for g in self.grants if g.role in roles and g.region is not None)

    def units(self, *roles: str) -> tuple[int, ...]:
        return tuple(g.unit for g in self.grants if g.role in roles and g.unit is not None)

    def organisations(self, *roles: str) -> tuple[int, ...]:
        return tuple(g.organisation for g in self.grants if g.role in roles and g.organisation is not None)


SYSTEM = Actor(is_system=True)
PUBLIC = Actor()


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer that carries its reason; true where allowed."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Decision(True)


class Policy:
    """Declare ``actions`` (action → roles); override ``rows`` for row scope and ``guard`` for rules about one object.

    Subclasses name the model in ``model`` and are registered with :func:`register`.
    """

    model: ClassVar[type[Model]]
    actions: ClassVar[dict[str, frozenset[str]]] = {"view": frozenset()}

    def rows(self, actor: Actor) -> Q | None:
        """The rows that the actor may see (None: all). Asked only where the actor holds a viewing role."""
        return None

    def guard(self, actor: Actor, action: str, obj: Model) -> Decision:
        """A rule about this very object beyond role and row scope (its state, its author)."""
        return ALLOWED

    def scope(self, actor: Actor, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if actor.is_system:
            return queryset
        if not actor.has(self.roles_for("view")):
            return queryset.none()
        rows = self.rows(actor)
        if rows is None:
            return queryset
        if _one_row_each(self.model, rows):
            return queryset.filter(rows)
        # A subquery, not DISTINCT: a scope that joins many must neither double rows in counts nor forbid locking them.
        return queryset.filter(pk__in=self.model._default_manager.filter(rows).order_by().values("pk"))

    def roles_for(self, action: str) -> frozenset[str]:
        if action in self.actions:
            return self.actions[action]
        return self.actions["view"] if action in READING else frozenset()

    def can(self, actor: Actor, action: str, obj: Model | None = None) -> Decision:
        if actor.is_system:
            return ALLOWED
        if not actor.has(self.roles_for(action)):
            return Decision(False, self.refusal(action))
        if obj is None or obj.pk is None:
            return ALLOWED
        model = type(obj)
        if not self.scope(actor, model._default_manager.filter(pk=obj.pk)).exists():
            return Decision(False, _("This record lies outside your region, unit or organisation."))
        return self.guard(actor, action, obj)

    def refusal(self, action: str) -> str:
        return _("Your role does not include this step. Ask the platform administrator if you need it.")


def _one_row_each(model: type[Model], rows: Q) -> bool:
    """The condition follows only foreign keys, so that no row can meet it twice."""
    for part in rows.children:
        if isinstance(part, Q):
            if not _one_row_each(model, part):
                return False
        elif isinstance(part, tuple) and not _follows_foreign_keys(model, part[0]):
            return False
    return True


def _follows_foreign_keys(model: type[Model], lookup: str) -> bool:
    step: type[Model] | None = model
    for name in lookup.split("__"):
        if step is None:
            break
        try:
            field = step._meta.get_field(step._meta.pk.name if name == "pk" else name)
        except FieldDoesNotExist:
            break
        if field.many_to_many or field.one_to_many:
            return False
        step = field.related_model if field.is_relation else None
    return True


_policies: dict[type[Model], Policy] = {}
PolicyType = TypeVar("PolicyType", bound=type[Policy])


def register(policy: PolicyType) -> PolicyType:
    """Class decorator: this policy answers for its ``model``."""
    _policies[policy.model] = policy()
    return policy


def policy_for(model: type[Model]) -> Policy:
    """The policy of a model; LookupError where none is registered, so that a forgotten model is closed, not open."""
    try:
        return _policies[model]
    except KeyError:
        raise LookupError(f"no permission policy is registered for {model.__name__}") from None


def registered_models() -> tuple[type[Model], ...]:
    return tuple(_policies)


def visible(actor: Actor, model_or_queryset: type[Model] | QuerySet[Any]) -> QuerySet[Any]:
    """The rows that the actor may see; the only way a page, a search, an export, an API or a file comes to rows."""
    if isinstance(model_or_queryset, QuerySet):
        return policy_for(model_or_queryset.model).scope(actor, model_or_queryset)
    return policy_for(model_or_queryset).scope(actor, model_or_queryset._default_manager.all())


def can(actor: Actor, action: str, target: Model | type[Model]) -> Decision:
    """May the actor do ``action`` on this object (or on objects of this model at all)?"""
    if isinstance(target, Model):
        return policy_for(type(target)).can(actor, action, target)
    return policy_for(target).can(actor, action)


def authorise(actor: Actor, action: str, target: Model | type[Model]) -> None:
    """Raise :class:`Refused` with the reason unless allowed. Domain verbs call it first."""
    decision = can(actor, action, target)
    if not decision:
        raise Refused(decision.reason)


_find_actor: Callable[[Any], Actor] | None = None


def set_actor_source(source: Callable[[Any], Actor]) -> None:
    """The app that knows people says here how a user becomes an actor."""
    global _find_actor
    _find_actor = source


def actor_of(request: Any) -> Actor:
    """The actor of a request, computed once per request."""
    cached = getattr(request, "_kechuang_actor", None)
    if cached is None:
        user = getattr(request, "user", None)
        known = user is not None and user.is_authenticated and _find_actor is not None
        cached = _find_actor(user) if known and _find_actor else PUBLIC
        request._kechuang_actor = cached
    return cached
