"""What happens when a pack or the demo is loaded: every app registers its own steps, run in order by the command line.

A step is a function decorated in a module that its app imports when it is ready::

    @pack_loader(order=10, label=_("Regions"))
    def load_regions(pack: Pack, actor: Actor) -> None: ...

    @demo_step(order=50, label=_("Progress reports"))
    def report_progress(pack: Pack, actor: Actor, random: Random) -> None: ...

Steps are idempotent: loading again brings up to date what is there and adds nothing twice. A demo step draws every
choice from the ``random`` it is given, so that the same seed yields the same demo. By convention directory uses orders
10–19, indicators 20–29, policy 30–39, supervision 40–49.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Generic, TypeVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from kechuang.kit.packs import Pack
    from kechuang.kit.permissions import Actor

PackLoader = Callable[["Pack", "Actor"], None]
DemoStep = Callable[["Pack", "Actor", Random], None]
Function = TypeVar("Function")


@dataclass(frozen=True, slots=True)
class Step(Generic[Function]):
    """One registered function: what it is called in the progress display and when its turn comes."""

    order: int
    name: str
    label: str | Promise
    function: Function


class Registry(Generic[Function]):
    """Steps by their qualified name, so that a module imported twice registers once."""

    def __init__(self) -> None:
        self._steps: dict[str, Step[Function]] = {}

    def __call__(self, *, order: int, label: str | Promise = "") -> Callable[[Function], Function]:
        def decorate(function: Function) -> Function:
            name = f"{function.__module__}.{getattr(function, '__qualname__', '')}"
            shown = label or getattr(function, "__name__", name).replace("_", " ")
            self._steps[name] = Step(order, name, shown, function)
            return function

        return decorate

    def __iter__(self) -> Iterator[Step[Function]]:
        """In order; steps of the same order by name, so that every run is alike."""
        return iter(sorted(self._steps.values(), key=lambda step: (step.order, step.name)))

    def __len__(self) -> int:
        return len(self._steps)


pack_loader: Registry[PackLoader] = Registry()
demo_step: Registry[DemoStep] = Registry()

Started = Callable[[str], None]


def load_pack(pack: Pack, actor: Actor, *, started: Started = lambda label: None) -> None:
    """Run every pack loader. ``started`` is called with the label of each step before it runs."""
    for step in pack_loader:
        started(str(step.label))
        step.function(pack, actor)


def load_demo(pack: Pack, actor: Actor, *, seed: int = 1, started: Started = lambda label: None) -> None:
    """Run every demo step. Each draws from a source of its own, so that adding a step does not change the others."""
    for step in demo_step:
        started(str(step.label))
        step.function(pack, actor, Random(seed ^ zlib.crc32(step.name.encode())))  # noqa: S311 -- a demo, no secret
