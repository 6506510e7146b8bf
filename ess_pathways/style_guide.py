"""The /style/ page, in DEBUG only: every token and component, shown with facts of the directory.

The facts are plain dictionaries, with the same names as the dataclasses the pages receive, so that
the page needs no database and a component is seen in each of its states.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from directory.models import CallEdition, CallStatus, FundingScheme
from directory.moulds import NO, safe
from directory.paging import read_only
from directory.pathway.cards import FIRST_CLASS, card, first_mark, relays_html
from directory.pathway.shape import CallLine, RelayLine
from directory.provenance import Source
from directory.snapshot.content import OfferContent, OperatorContent

AVISE = Source(
    label="avise.org",
    url="https://avise.org/actualites/les-regions-sorganisent-pour-mieux-accompagner-less-et-linnovation-sociale",
    date_label="19 décembre 2017",
    is_old=True,
    age_label="Source de 2017, à vérifier",
)
UNDATED = Source(
    label="initiative-doubsterritoiredebelfort.fr",
    url="http://www.initiative-doubsterritoiredebelfort.fr/dispositif-national.html",
    date_label="",
    is_old=False,
    age_label="",
)
REPORT_2021 = Source(
    label="fdocuments.fr",
    url="https://fdocuments.fr/document/dispositif-local-daccompagnement-dla.html",
    date_label="7 avril 2021",
    is_old=True,
    age_label="Source de 2021, à vérifier",
)
STAGES = [
    {"slug": "emergence", "position": 1, "name": "Émergence"},
    {"slug": "creation", "position": 2, "name": "Création"},
    {"slug": "developpement", "position": 3, "name": "Développement"},
    {"slug": "changement-echelle", "position": 4, "name": "Changement d’échelle"},
]
QUESTIONS = [
    "Vous avez une idée, rien n’est encore monté.",
    "Le projet prend forme, il faut le tester et le financer.",
    "Votre structure existe, elle veut se consolider.",
    "Ce qui marche ici peut servir ailleurs.",
]
DOORS = [
    {"slug": "idee", "label": "Une idée", "hint": "Vous avez une idée ou un projet."},
    {"slug": "besoin", "label": "Un besoin repéré", "hint": "Personne ne porte encore le projet."},
    {
        "slug": "structure",
        "label": "Une structure qui se développe",
        "hint": "Elle existe, elle emploie.",
    },
    {"slug": "financement", "label": "Un financement", "hint": "Prêt, garantie, subvention."},
]


def _operator(name: str, kind: tuple[str, str], **known: Any) -> OperatorContent:
    blank = dict.fromkeys(
        ("description", "address", "postcode", "town", "phone", "email", "website", "caveat"), ""
    )
    return OperatorContent(
        **{
            **blank,
            "pk": 0,
            "slug": "",
            "name": name,
            "kind_name": kind[0],
            "kind_expansion": kind[1],
            "is_example": False,
            "verified_on": None,
            "source": UNDATED,
            "region": "",
            "hosts": [],
            "audiences": [],
            **known,
        }
    )


def _card(
    operator: OperatorContent,
    summary: str,
    reason: str,
    relays: Sequence[RelayLine] = (),
    is_first: bool = False,
) -> SafeString:
    offer = OfferContent(0, "", summary, "", "", None, [], [])
    rest = {
        "reason": safe(reason),
        "first_class": FIRST_CLASS if is_first else NO,
        "first_mark": first_mark() if is_first else NO,
        "relays": relays_html(relays),
    }
    return card(operator, offer, rest)


def _cards() -> list[SafeString]:
    reso = _operator(
        "Réso solidaire",
        ("Pôle ESS", "Pôle de l’économie sociale et solidaire"),
        address="Maison de l’ESS, 15 rue Martenot",
        postcode="35000",
        town="Rennes",
        phone="02 99 26 34 60",
        source=REPORT_2021,
    )
    dla = _operator(
        "DLA Doubs",
        ("DLA", "Dispositif local d’accompagnement"),
        website="http://www.initiative-doubsterritoiredebelfort.fr",
        hosts=["Initiative Doubs Territoire de Belfort"],
    )
    example = _operator(
        "Fiche de démonstration",
        ("Incubateur", ""),
        is_example=True,
        verified_on=datetime.date(2026, 3, 12),
    )
    condition = (
        "Quand le pôle n’a pas la taille critique pour accompagner tout le processus de création"
    )
    return [
        _card(
            reso,
            "Accueille les porteurs et porteuses de projet et les oriente dans le Pays de Rennes.",
            "Intervient sur Pays de Rennes · dans la commune",
            [RelayLine("TAg35", "#carte", "Création", "", condition, is_internal=False)],
            is_first=True,
        ),
        _card(
            dla,
            "Diagnostic puis accompagnement des structures qui emploient.",
            "Intervient dans le département du Doubs",
        ),
        _card(
            example,
            "Une fiche d’exemple porte toujours cette mention ; elle ne décrit personne.",
            "Intervient dans la région Bretagne · à 12 km",
        ),
    ]


def _call(title: str, funder: str, status: CallStatus, badge: str, **known: str) -> CallLine:
    return CallLine(
        edition=CallEdition(scheme=FundingScheme(slug="appel-d-exemple"), year=2026),
        title=title,
        url=None,
        kind_label="appel à projets",
        funder=funder,
        status=status,
        status_badge=badge,
        status_label=known.get("label", ""),
        envelope_label=known.get("envelope", ""),
        stages=["Émergence"],
        source=AVISE,
    )


def _calls() -> list[CallLine]:
    example = ("Appel d’exemple", "Financeur d’exemple")
    return [
        _call(
            *example,
            CallStatus.CLOSING,
            "Ferme dans 3 jours",
            label="Ouvert jusqu’au 15 septembre",
            envelope="100\u00a0000\u00a0€ (annoncée)",
        ),
        _call(*example, CallStatus.OPEN, "Ouvert", label="Jusqu’au 15 septembre"),
        _call(*example, CallStatus.COMING, "À venir", label="À partir du 2 juin"),
        _call(*example, CallStatus.STANDING, "Permanent", label="Toute l’année"),
        _call(
            "Fabriques à projets d’utilité sociale",
            "Région Grand Est",
            CallStatus.CLOSED,
            "Clos",
            label="Édition 2017, close",
            envelope="100\u00a0000\u00a0€",
        ),
        _call(*example, CallStatus.AWARDED, "Lauréats connus"),
        _call(*example, CallStatus.UNKNOWN, "Dates inconnues"),
    ]


class _ExampleForm(forms.Form):
    message = forms.CharField(
        label="De quoi avez-vous besoin ?",
        help_text="Quelques lignes suffisent.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Dites en quelques mots ce qui vous manque."},
    )
    email = forms.EmailField(label="Votre courriel", required=False)


def context() -> dict[str, Any]:
    """Everything templates/style.html shows."""
    near = {
        "operator_name": "Structure d’exemple",
        "url": "#manque",
        "kind_name": "DLA",
        "distance_label": "à 4 km",
    }
    stages = [
        {**stage, "question": question} for stage, question in zip(STAGES, QUESTIONS, strict=True)
    ]
    return {
        "stages": stages,
        "steps": [
            {**stages[0], "count": "3 offres"},
            {**stages[1], "count": "2 offres"},
            {**stages[2], "count": "personne", "hollow": True},
            {**stages[3], "count": "non documenté", "hollow": True},
        ],
        "doors": [
            {**door, "url": "#portes", "selected": door["slug"] == "besoin"} for door in DOORS
        ],
        "cards": _cards(),
        "gap": {
            "message": "Personne ne couvre l’étape Changement d’échelle à Montbéliard.",
            "nearest": near,
            "fallback": {
                **near,
                "operator_name": "Recours d’exemple",
                "kind_name": "CRESS",
                "distance_label": "",
            },
            "report_url": "#manque",
        },
        "calls": _calls(),
        "filters": [
            {"label": "Vous partez d’une idée", "remove_url": "#filtres"},
            {"label": "Thème : Alimentation", "remove_url": "#filtres"},
        ],
        "territories": [
            {"kind": "Intercommunalité", "url": "#carte", "label": "Rennes Métropole"},
            {"kind": "Pays", "url": "#carte", "label": "Pays de Rennes"},
            {"kind": "Département", "url": "#carte", "label": "Ille-et-Vilaine"},
            {"kind": "Région", "url": "#carte", "label": "Bretagne"},
        ],
        "indicators": [
            {
                "value_label": "18 sur 21",
                "label": "Pays bretons dotés d’un pôle ESS",
                "as_of_label": "2017",
                "source": AVISE,
            },
            {
                "value_label": "60",
                "label": "partenaires mobilisés par le Générateur Bourgogne-Franche-Comté",
                "as_of_label": "2017",
                "source": AVISE,
            },
        ],
        "sources": [AVISE, REPORT_2021, UNDATED],
        "form": _ExampleForm({"message": ""}),
        "page_obj": Paginator(range(90), 30).get_page(2),
        "map_data": {},
        "listbox": [
            ("Saint-Denis", "", "La Réunion · 97400, 97417, 97490", "155 634 hab."),
            ("Saint-Denis", "", "Seine-Saint-Denis · 93200, 93210, 93380", "149 077 hab."),
            ("Pays-de-Montbenoît", "Montbenoît, ancienne commune", "Doubs · 25650", "1 923 hab."),
        ],
        "swatches": [
            "ink",
            "ink-soft",
            "mist",
            "stone",
            "line",
            "pine",
            "pine-deep",
            "pine-tint",
            "jonquil",
            "jonquil-soft",
            "error",
            "warning",
            "success",
        ],
        "sizes": ["3xl", "2xl", "xl", "l", "m", "s", "xs"],
    }


@read_only
def style(request: HttpRequest) -> HttpResponse:
    """Every token and component; wired in urls.py in DEBUG only."""
    return render(request, "style.html", context())
