"""One address of every kind of public page."""

HOME = "/"
MONTBELIARD = "/parcours/25388-montbeliard/"
OPERATORS = "/operateurs/"
REGION = "/regions/27-bourgogne-franche-comte/"
NEED_FORM = "/besoins/signaler/?commune=25388&etape=emergence"

PAGES = {
    "home": HOME,
    "search, results": "/communes/?q=saint-denis",
    "search, no result": "/communes/?q=xyzzy",
    "search, error": "/communes/?q=",
    "pathway, documented": MONTBELIARD,
    "pathway, narrowed": MONTBELIARD + "?profil=structure",
    "pathway, Rennes": "/parcours/35238-rennes/",
    "pathway, partly documented": "/parcours/75056-paris/",
    "pathway, not documented": "/parcours/97502-saint-pierre/",
    "operators": OPERATORS,
    "operator, all of France": "/operateurs/makesense/",
    "call, one year": "/appels/prix-ess-bourgogne-franche-comte/2025/",
    "call, series": "/appels/agir-in-seine-saint-denis/",
    "call, two editions of a year": "/appels/la-france-s-engage/2018/",
    "call, standing aid": "/appels/ess-nantes-factory/2017/",
    "regions": "/regions/",
    "region, Grand Est": "/regions/44-grand-est/",
    "region, Bourgogne-Franche-Comté": REGION,
    "region, Bretagne": "/regions/53-bretagne/",
    "region, in part": "/regions/11-ile-de-france/",
    "region, nothing known": "/regions/975-saint-pierre-et-miquelon/",
    "region, on a past day": "/regions/53-bretagne/?au=2017-12-19",
    "region, on no day": "/regions/53-bretagne/?au=hier",
    "pathway, on a past day": "/parcours/29233-quimperle/?au=2017-12-19",
    "territory, on a past day": "/territoires/pays/BZH-07-pays-de-cornouaille/?au=2017-12-19",
    "need form": NEED_FORM,
    "need, thanks": "/besoins/merci/",
    "sources": "/sources/",
    "accessibility": "/accessibilite/",
    "legal": "/mentions-legales/",
    "not found": "/parcours/99999/",
}
