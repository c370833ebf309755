"""The catalogues are complete, and the script that says so finds what there is to find."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import polib
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "messages"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    loader = SourceFileLoader("messages_script", str(SCRIPT))
    spec = spec_from_loader("messages_script", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_every_message_is_translated() -> None:
    run = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% translate 'Tasks' %}", ("Tasks", "", "")),
        ('{% trans "50% done" %}', ("50%% done", "", "")),
        ("{% translate 'Open' context 'of a call' %}", ("Open", "", "of a call")),
        ("{{ title|default:_('Untitled') }}", ("Untitled", "", "")),
        ("{% if x == _('All') %}{% endif %}", ("All", "", "")),
        ("<c-card title=\"{% trans 'Facts' %}\" />", ("Facts", "", "")),
        ("<c-card :title=\"_('Facts')\" />", ("Facts", "", "")),
        ("{% blocktranslate %}{{ n }} at 5%{% endblocktranslate %}", ("%(n)s at 5%%", "", "")),
        ("{% blocktrans trimmed %}\n  one\n  two\n{% endblocktrans %}", ("one two", "", "")),
        (
            "{% blocktranslate count n=n %}{{ n }} task{% plural %}{{ n }} tasks{% endblocktranslate %}",
            ("%(n)s task", "%(n)s tasks", ""),
        ),
    ],
)
def test_messages_of_templates(script: ModuleType, source: str, expected: tuple[str, str, str]) -> None:
    assert [tuple(message) for message in script.in_template(source)] == [expected]


def test_messages_of_python(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "_('One')\ngettext('a' 'b')\nngettext('%(n)s day', '%(n)s days', 2)\npgettext('month', 'May')\nother('No')\n"
    )
    assert [tuple(message) for message in script.in_python(path)] == [
        ("One", "", ""),
        ("ab", "", ""),
        ("%(n)s day", "%(n)s days", ""),
        ("May", "", "month"),
    ]


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (None, "missing"),
        (polib.POEntry(msgid="{n} tasks"), "untranslated"),
        (polib.POEntry(msgid="{n} tasks", msgstr="{n} 项", flags=["fuzzy"]), "fuzzy"),
        (polib.POEntry(msgid="{n} tasks", msgstr="{count} 项"), "placeholder"),
        (polib.POEntry(msgid="{n} tasks", msgstr="{n} 项"), ""),
    ],
)
def test_what_is_wrong_with_a_message(
    script: ModuleType, tmp_path: Path, entry: polib.POEntry | None, fault: str
) -> None:
    catalogue = polib.POFile()
    if entry:
        catalogue.append(entry)
    path = tmp_path / "django.po"
    catalogue.save(str(path))
    faults = list(script.check(path, {script.Message("{n} tasks"): {"kit/lists.py"}}))
    assert (faults == []) if not fault else (fault in faults[0] and faults[0].startswith("kit/lists.py: "))


def test_updating_keeps_translations_and_drops_what_is_unused(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "locale" / "django.po"
    script.update(path, {script.Message("Old"): {"a.py"}, script.Message("Kept"): {"a.py"}})
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        entry.msgstr = "译文"
    catalogue.save()
    script.update(path, {script.Message("Kept"): {"b.py"}, script.Message("New", "News"): {"b.py"}})
    kept, new = sorted(polib.pofile(str(path)), key=lambda entry: entry.msgid)
    assert (kept.msgid, kept.msgstr, kept.occurrences) == ("Kept", "译文", [("b.py", "")])
    assert (new.msgid, new.msgstr_plural) == ("New", {0: ""})
