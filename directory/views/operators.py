"""The operators: a first plain list, and everything known of one."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from directory.maps import operator_map
from directory.models import Operator
from directory.operator_sheet import operator_sheet
from directory.paging import public_page
from regions.missing import Nowhere

PER_PAGE = 50


@public_page
def operator_list(request: HttpRequest) -> HttpResponse:
    """Every published operator, by Région then by name."""
    operators = Operator.objects.public().for_list()
    paginator = Paginator(operators, PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    return render(
        request, "directory/operator_list.html", {"page_obj": page, "total": paginator.count}
    )


@public_page
def operator(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything known of one operator, with the source of each fact."""
    operators = Operator.objects.public().select_related("kind", "commune", "region")
    found = operators.filter(slug=slug).first()
    if found is None:
        raise Nowhere("Aucun opérateur publié ne porte ce nom. Cherchez-le dans la liste.")
    sheet = operator_sheet(found, timezone.localdate())
    return render(
        request,
        "directory/operator_detail.html",
        {**vars(sheet), "map_data": operator_map(sheet)},
    )
