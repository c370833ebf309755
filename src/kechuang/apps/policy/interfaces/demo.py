"""The policy part of the demonstration: an invented document that waits for the officer's review."""

from __future__ import annotations

from random import Random

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from kechuang.apps.directory.models import Region, User
from kechuang.apps.policy.domain.documents import AlreadyThere, upload_document
from kechuang.apps.policy.domain.extraction import extract_document
from kechuang.apps.policy.domain.review import accept_items
from kechuang.apps.policy.models import Document, Item
from kechuang.kit.loading import demo_step
from kechuang.kit.packs import Pack
from kechuang.kit.permissions import Actor

REVIEWED = 3

TEXT = """{city}科学技术局
关于印发《{city}科技创新券管理办法》的通知（示例）

示科〔2026〕1号

各县（市、区）科技管理部门，各有关单位：

现将《{city}科技创新券管理办法》印发给你们，请认真组织实施。本文件为演示而编写，不是真实文件。

{city}科技创新券管理办法

一、总体目标

到2027年，全市累计发放科技创新券3000万元以上，支持科技型中小企业500家以上，带动企业研发投入1亿元以上。

二、支持内容

（一）支持对象和标准

1.支持企业购买科技服务。对购买检验检测、技术开发等服务的科技型中小企业，按实际支出的50%给予补助，每家企业每年最高不超过20万元。

责任单位：市科技局、市财政局

2.支持服务机构开放资源。对年度考核优秀的科技服务机构，市财政给予一次性10万元奖励。每年培育优秀科技服务机构10家以上。

责任单位：市科技局、各县（市、区）科技管理部门

（二）组织保障

1.建设创新券服务平台。建设{city}科技创新券服务平台，2026年底前上线运行。

责任单位：市科技局、市大数据局

2.加强资金管理。设立科技创新券专项资金，每年安排1000万元。

责任单位：市财政局、市科技局

{city}科学技术局

2026年1月15日
"""


@demo_step(order=32, label=_("A document to review"))
def leave_a_document_in_review(pack: Pack, actor: Actor, random: Random) -> None:
    """Upload and read an invented document, begin its review, and leave the rest to the officer."""
    region = Region.objects.get(code=pack.region)
    file = ContentFile(TEXT.format(city=region.name).encode(), name="kejichuangxinquan-shili.txt")
    try:
        document = upload_document(actor, upload=file, region=region, synthetic=True)
    except AlreadyThere:
        return
    _hand_to_officer(document)
    extract_document(document_id=document.pk)
    first = Item.objects.filter(document=document).order_by("start", "pk")[:REVIEWED]
    accept_items(actor, document_id=document.pk, editions={item.pk: item.edition for item in first})


def _hand_to_officer(document: Document) -> None:
    """The officer of the region counts as the one who uploaded it."""
    officer = User.objects.filter(memberships__role="bureau_officer", memberships__region=document.region).first()
    if officer is not None:
        document.uploaded_by = officer
        document.save()
