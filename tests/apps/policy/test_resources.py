"""The workbench's lists do what every list of the platform does."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.db.models import Model

from kechuang.apps.directory.models import Region
from kechuang.apps.policy.interfaces.resources import DocumentResource, ItemResource
from kechuang.apps.policy.interfaces.rule_resources import RuleResource
from kechuang.apps.policy.models import Document, Item, Rule
from kechuang.kit.files import store
from kechuang.kit.permissions import SYSTEM
from kechuang.kit.search import bigrams
from kechuang.kit.testing import ResourceConformance
from tests.apps.policy.rules import definition, make_rules


def make_document(number: int) -> Document:
    title = f"关于支持科技创新的若干措施{number}"
    file = store(ContentFile(title.encode(), name=f"{number}.txt"), actor=SYSTEM, allowed=("txt",))
    return Document.objects.create(
        title=title,
        doc_number=f"宛政办〔2025〕{number}号",
        region=Region.objects.get(code="411300"),
        file=file,
        sha256=file.sha256,
        text=title,
        bigrams=bigrams(title),
        state="in_review",
    )


class TestDocuments(ResourceConformance):
    resource_class = DocumentResource

    def make(self, count: int) -> Sequence[Model]:
        start = Document.objects.count()
        return [make_document(start + n) for n in range(count)]


class TestFindings(ResourceConformance):
    resource_class = ItemResource

    def make(self, count: int) -> Sequence[Model]:
        start = Item.objects.count()
        document = Document.objects.first() or make_document(0)
        return [
            Item.objects.create(
                document=document,
                kind="fund",
                payload={"name": f"基金{start + n}"},
                label=f"基金{start + n}",
                start=0,
                end=2,
                quote="关于",
            )
            for n in range(count)
        ]


class TestRules(ResourceConformance):
    resource_class = RuleResource

    def make(self, count: int) -> Sequence[Model]:
        start = Rule.objects.count()
        codes = [f"made-{start + n}" for n in range(count)]
        entries = [definition(code, ["hnte_valid"], conflict=codes, amount=10000) for code in codes]
        return [version.rule for version in make_rules(Region.objects.get(code="411300"), *entries)]
