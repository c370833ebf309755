"""What every stored record has."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Record(models.Model):
    """Base of every model: when a row came, when it last changed, and whether it is demonstration data."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    synthetic = models.BooleanField(_("demonstration data"), default=False, editable=False)

    class Meta:
        abstract = True
