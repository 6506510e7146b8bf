"""Saying that nobody answers here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from directory.forms import NeedForm
from directory.paging import read_only
from regions.models import Kind, Territory


@csrf_exempt  # so that another method is refused as such, before its missing token is
@require_http_methods(["GET", "HEAD", "POST"])
@csrf_protect
def need_new(request: HttpRequest) -> HttpResponse:
    """The form, for the commune and the stage of the address; what was typed is kept on error."""
    if request.method == "POST":
        form = NeedForm(request.POST)
        if form.is_valid():
            form.save()
            return redirect("need_thanks")
    else:
        form = NeedForm(
            initial={"commune": request.GET.get("commune"), "stage": request.GET.get("etape")}
        )
    code = str(form["commune"].value() or "")[:5]
    commune = Territory.objects.filter(kind=Kind.COMMUNE, code=code).first()
    status = 400 if form.is_bound else 200
    return render(
        request, "directory/need_form.html", {"form": form, "commune": commune}, status=status
    )


@read_only
def need_thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/need_thanks.html")
