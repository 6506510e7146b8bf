"""An address that leads nowhere, with the reason for the person who followed it."""

from django.http import Http404


class Nowhere(Http404):
    """A 404 whose message is a French sentence to show."""
