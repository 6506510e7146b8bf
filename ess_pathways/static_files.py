"""Static files under names that change with their content, compressed beside the originals."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(StaticFilesConfig):
    """Collects what pages load, and leaves what packages ship besides: ten seconds of Brotli."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.map",
        "*-src.js",
        "admin/js/vendor/*/jquery.js",
        "admin/js/vendor/*/select2.full.js",
        "admin/js/vendor/*/xregexp.js",
        "django_htmx/htmx-2.js",
        "django_htmx/*-4.js",
        "django_htmx/*-4.min.js",
        "django_htmx/ext/*",
        "leaflet/draw/*",
        "leaflet/leaflet.forms.js",
        "leaflet/proj4*",
        "ninja/redoc*",
    ]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Renames style sheets' and our ES modules' references too, so that browsers can keep them all.

    No source maps, which packages name and do not always ship; and of scripts only ours, in js/,
    because packages' comments mention imports.
    """

    patterns = (
        *(
            (glob, rules[:2])  # url() and @import, not the source map
            for glob, rules in CompressedManifestStaticFilesStorage.patterns
            if glob == "*.css"
        ),
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
