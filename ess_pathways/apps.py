"""The project as an application: its checks, its commands, its admin."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps
from django.contrib.admin.apps import SimpleAdminConfig


class EssPathwaysConfig(AppConfig):
    name = "ess_pathways"
    verbose_name = "Parcours ESS"

    def ready(self) -> None:
        import_module("ess_pathways.checks")


class AdminConfig(SimpleAdminConfig):
    """Django's admin, which finds the `admin` module of every application but Leaflet's.

    `leaflet.admin` is for PostGIS models and imports GDAL, which this project does without.
    """

    def ready(self) -> None:
        super().ready()
        site = import_module("django.contrib.admin").site
        site.site_title = site.site_header = "Parcours ESS"
        site.index_title = "Administration"
        for app in apps.get_app_configs():
            if app.name != "leaflet" and find_spec(f"{app.name}.admin"):
                import_module(f"{app.name}.admin")
