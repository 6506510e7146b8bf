"""The site's addresses: those of the directory, and the project's own."""

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.cache import cache_control

from directory.paging import read_only
from ess_pathways.health import health
from ess_pathways.style_guide import style


@read_only
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(static("img/favicon.svg"))


handler400 = "ess_pathways.errors.bad_request"
handler404 = "ess_pathways.errors.not_found"

urlpatterns = [
    path("sante/", health, name="health"),
    path("admin/", admin.site.urls),
    # Browsers ask for it on pages that name no icon, such as the admin's.
    path("favicon.ico", favicon),
    path("", include("directory.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("style/", style, name="style"))
