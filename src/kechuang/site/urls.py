from django.urls import include, path

from kechuang.site.views import health, home, search, workbench

urlpatterns = [
    path("", home.home, name="home"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("search/", search.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("directory/", include("kechuang.apps.directory.urls")),
    path("policy/", include("kechuang.apps.policy.urls")),
    path("indicators/", include("kechuang.apps.indicators.urls")),
    path("supervision/", include("kechuang.apps.supervision.urls")),
    path("kit/", include("kechuang.kit.urls")),
]
