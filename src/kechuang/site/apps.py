from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "kechuang.site"
    label = "site"
    verbose_name = _("Platform")

    def ready(self) -> None:
        for module in ("permissions", "demo", "navigation"):
            import_module(f"{self.name}.{module}")
