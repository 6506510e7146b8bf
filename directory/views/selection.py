"""A selection that anyone can open from its address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from directory.paging import public_page, stamp_of
from directory.selection import SelectionForm, build_selection, selection_map
from directory.vocabulary import vocabulary


@public_page
def selection(request: HttpRequest) -> HttpResponse:
    """The operators and calls that the address names, as a roadmap by stage."""
    form = SelectionForm(request.GET)
    form.is_valid()  # nothing to refuse: unknown codes are said on the page
    on = timezone.localdate()
    stages = vocabulary(stamp_of(request)).stages
    found = build_selection(form.cleaned_data["o"], form.cleaned_data["a"], on, stages)
    context = {"selection": found, "on": on, "map_data": selection_map(found)}
    return render(request, "selection/selection.html", context)
