"""One address of every kind of public page."""

HOME = "/"
MONTBELIARD = "/parcours/25388-montbeliard/"
OPERATORS = "/operateurs/"
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
    "need form": NEED_FORM,
    "need, thanks": "/besoins/merci/",
    "sources": "/sources/",
    "accessibility": "/accessibilite/",
    "legal": "/mentions-legales/",
    "not found": "/parcours/99999/",
}
