"""Bases of every model, and the models that the building blocks keep themselves."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """What every stored record has: when it came, when it last changed, and whether it is demonstration data."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    synthetic = models.BooleanField(_("demonstration data"), default=False, editable=False)

    class Meta:
        abstract = True
