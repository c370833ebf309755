"""Every component on one page, for those who build the pages. Only where DEBUG is on."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kechuang.kit import charts
from kechuang.kit.lights import TONES, _known

BASES = {"portal", "workbench", "reading", "wall"}


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As on the business licence.")
    amount = forms.IntegerField(required=False)
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")])
    choice = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Agreed", help_text="A single tick box.")
    note = forms.CharField(widget=forms.Textarea, required=False)


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    base = request.GET.get("base", "workbench")
    wrong = ExampleForm({"name": "", "kind": "c", "amount": "x"})
    context = {
        "base_template": f"kit/base_{base if base in BASES else 'workbench'}.html",
        "lights": list(_known.values()),
        "tones": TONES,
        "form": ExampleForm(initial={"name": "南阳市卧龙区科技创新服务有限公司"}),
        "wrong": wrong,
        "soon": timezone.localdate() + timedelta(days=3),
        "links": [_link("exact"), _link("lost")],
        "happened": [SimpleNamespace(at=timezone.now(), title="Verified", who="林晓云", note="")],
        "charts": example_charts(),
        "tabs": [
            {"key": "a", "label": "Tasks", "url": "?a", "count": 4},
            {"key": "b", "label": "Targets", "url": "?b"},
        ],
        "steps": [("draft", "Draft"), ("submitted", "Submitted"), ("accepted", "Accepted")],
    }
    return render(request, "kit/gallery.html", context)


def _link(state: str) -> Any:
    quote = "到2025年，全市高新技术企业达到800家以上，科技型中小企业达到2000家以上。"
    return SimpleNamespace(label="宛政办〔2022〕59号 · 2022-08-26", url="#sentence", quote=quote, state=state)


def example_charts() -> dict[str, Any]:
    counties = [
        ("411302", "宛城区", 81),
        ("411303", "卧龙区", 96),
        ("411322", "方城县", 44),
        ("411381", "邓州市", None),
    ]
    light_counts = {"on_track": 5, "due_soon": 2, "silent": 1, "overdue": 3, "done": 4}
    return {
        "line": charts.line_with_target(
            ["2021", "2022", "2023", "2024", "2025"],
            [320, 402, 511, 590, None],
            required=[320, 440, 560, 680, 800],
            forecast=[None, None, None, 590, 684],
            unit="家",
        ),
        "bars": charts.bar_by_region([charts.Bar(name, value, 70) for _code, name, value in counties], unit="家"),
        "map": charts.county_map("411300", [charts.Place(*county) for county in counties], unit="家"),
        "gauge": charts.gauge(73.75, label="高新技术企业", state="due_soon"),
        "lights": charts.status_lights([charts.Lights("宛城区", light_counts), charts.Lights("卧龙区", {"done": 6})]),
    }
