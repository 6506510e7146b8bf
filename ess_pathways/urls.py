"""The site's addresses: those of the directory, and the project's own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from ess_pathways.health import health

handler400 = "ess_pathways.errors.bad_request"
handler404 = "ess_pathways.errors.not_found"

urlpatterns = [
    path("sante/", health, name="health"),
    path("admin/", admin.site.urls),
    path("", include("directory.urls")),
]

if settings.DEBUG:
    urlpatterns.append(
        path("style/", TemplateView.as_view(template_name="style.html"), name="style")
    )
