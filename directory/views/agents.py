"""The space of agents: who comes in, and the calls of their Région."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from directory.calls.carry_over import AlreadyThereError, carry_over, last_editions
from directory.importing.files import MOST_BYTES
from directory.importing.rights import Agent, agent_of, editions_of

View = Callable[..., HttpResponseBase]

#: Bytes of a whole form: the file, and the signs around it.
MOST_SENT = MOST_BYTES + 256 * 1024


SERIES_PER_PAGE = 30


class AgentRequest(HttpRequest):
    """A request of somebody who may be here."""

    agent: Agent
    too_big: bool


private = cache_control(private=True, no_store=True)


def for_agents(*methods: str) -> Callable[[View], View]:
    """A page for those who may import; never kept by anybody. Others sign in, or get a 403.

    A form that is too big is not read: its token cannot be checked, so nothing of it is used and
    the view is told by `request.too_big`.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @private
        @require_http_methods(list(methods))
        @functools.wraps(view)
        def wrapper(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path() if _reads(request) else "")
            agent = agent_of(request.user)
            if agent is None:
                return render(request, "403.html", status=403)
            request.agent = agent
            request.too_big = _length(request) > MOST_SENT
            guarded = view if request.too_big else csrf_protect(view)
            try:
                return guarded(request, *args, **kwargs)
            except Http404:  # answered here, so that it is not kept either
                return render(request, "404.html", status=404)

        return wrapper

    return decorate


def _reads(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdecimal() else 0


def _for_all(view: View, *methods: str) -> View:
    """A page of accounts: another method is refused as such, before its missing token is."""
    return csrf_exempt(require_http_methods(list(methods))(private(csrf_protect(view))))


sign_in = _for_all(
    LoginView.as_view(template_name="agents/sign_in.html", redirect_authenticated_user=True),
    *("GET", "HEAD", "POST"),
)
sign_out = _for_all(LogoutView.as_view(), "POST")


@for_agents("GET", "HEAD")
def entrance(request: AgentRequest) -> HttpResponse:
    return redirect("call_imports")


@for_agents("GET", "HEAD")
def calls(request: AgentRequest) -> HttpResponse:
    """The series that this agent may change, each with its last edition."""
    year = timezone.localdate().year
    context: dict[str, Any] = {"agent": request.agent, "years": (year, year + 1)}
    editions = last_editions(editions_of(request.agent.region))
    context["page_obj"] = Paginator(editions, SERIES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "agents/calls.html", context)


@for_agents("POST")
def call_carry_over(request: AgentRequest, key: str) -> HttpResponse:
    """The edition again, as a draft, for the year after its own or the one asked for."""
    edition = get_object_or_404(editions_of(request.agent.region), key=key)
    year = request.POST.get("annee", "")
    now = timezone.localdate().year
    if year not in (str(now), str(now + 1)):
        messages.error(request, "Choisissez cette année ou la suivante.")
        return redirect("agent_calls")
    try:
        draft = carry_over(edition, int(year))
    except AlreadyThereError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            f"« {draft.title} » est en brouillon : téléchargez vos appels, donnez ses dates, "
            "mettez « publié », et envoyez le fichier.",
        )
    return redirect("agent_calls")
