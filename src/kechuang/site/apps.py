from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "kechuang.site"
    label = "site"
    verbose_name = _("Platform")

    def ready(self) -> None:
        from kechuang.site import permissions  # noqa: F401 -- registers itself
