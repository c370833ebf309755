from django.urls import include, path

from kechuang.site.api import api
from kechuang.site.views import health, home, search, wall, workbench

urlpatterns = [
    path("", home.home, name="home"),
    path("workbench/", workbench.workbench, name="workbench"),
    path("wall/", wall.wall, name="wall"),
    path("search/", search.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("api/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("directory/", include("kechuang.apps.directory.urls")),
    path("policy/", include("kechuang.apps.policy.urls")),
    path("indicators/", include("kechuang.apps.indicators.urls")),
    path("supervision/", include("kechuang.apps.supervision.urls")),
    path("cultivation/", include("kechuang.apps.cultivation.urls")),
    path("kit/", include("kechuang.kit.urls")),
]

handler400 = "kechuang.site.views.errors.bad_request"
handler403 = "kechuang.site.views.errors.forbidden"
handler404 = "kechuang.site.views.errors.not_found"
handler500 = "kechuang.site.views.errors.server_error"
