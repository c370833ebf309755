"""Organisations from a spreadsheet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kechuang.kit.importing import Importer


class OrganisationImporter(Importer):
    """A row with a known credit code changes that organisation, others are added and wait for verification."""

    key = ("uscc",)
    lookups = {"region": ("name", "code")}
    aliases = {
        "uscc": ("社会信用代码", "信用代码", "USCC"),
        "name": ("企业名称", "单位名称", "机构名称"),
        "kind": ("类型", "类别", "单位类型", "机构类型"),
        "region": ("县区", "所在县区", "县（市、区）"),
        "industry": ("行业代码", "国民经济行业"),
        "contact_name": ("联系人姓名",),
        "contact_phone": ("联系方式", "电话", "手机"),
    }
    notes = _("One row per organisation. Rows with a known credit code change that record.")
