"""The columns of the spreadsheet, in order. Import, export, template and notice come from here.

To add one: an entry below, and the field it fills in `states.py` and `writing.py` when it is not a
simple field of `CallEdition`.
"""

from dataclasses import dataclass
from typing import Any, Final

from directory.importing import cells
from directory.importing.cells import Reader, Writer
from directory.importing.names import plain
from directory.importing.vocabulary import Vocabulary
from directory.models import EntryMode, FundingKind, FundingNature, Publication


def _as_text(value: Any, vocabulary: Vocabulary) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Column:
    """A column: its field of `CallRow`, heading, reader, writer, and what the notice says.

    `show` is how a value reads in a preview, when not as it is written. `list_of` names the choices
    that the notice and the template offer. `simple`: a field of `CallEdition` of the same name.
    """

    name: str
    heading: str
    read: Reader
    notice: str
    example: str = ""
    write: Writer = _as_text
    show: Writer | None = None
    others: tuple[str, ...] = ()
    list_of: str = ""
    simple: bool = True
    needed: bool = False
    width: int = 18

    def shown(self, value: Any, vocabulary: Vocabulary) -> str:
        return (self.show or self.write)(value, vocabulary)


COLUMNS: Final = (
    Column(
        "key", "Clé", cells.key,
        "Ce qui reconnaît l’appel d’un import à l’autre. Ne la changez jamais. Vide : la série et "
        "l’année, par exemple « fonds-ess-2026 ».",
        "fonds-ess-2026", others=("clé externe", "identifiant"), simple=False, width=34,
    ),
    Column(
        "scheme", "Série", cells.text_of(200),
        "Le dispositif dont c’est une édition : son nom ou son identifiant. Un nom inconnu crée "
        "une nouvelle série, et l’aperçu le dit.",
        "Fonds ESS", others=("dispositif", "appel"), simple=False, needed=True, width=34,
    ),
    Column(
        "kind", "Type", cells.kind,
        "Le type de la série ; nécessaire si elle est nouvelle.",
        "appel à projets", cells.write_choice(FundingKind), list_of="kinds", simple=False,
        others=("type d’appel",), width=22,
    ),
    Column(
        "title", "Titre", cells.text_of(250),
        "Le titre de cette édition, tel qu’on le lira.",
        "Fonds ESS 2026", others=("intitulé", "nom"), needed=True, width=40,
    ),
    Column(
        "year", "Année", cells.year,
        "L’année de l’édition ; vide pour une aide permanente sans millésime.", "2026",
        others=("millésime",), width=9,
    ),
    Column(
        "publication", "Publication", cells.publication,
        "« publié » ou « brouillon ». Vide : un appel nouveau est publié, un appel connu reste "
        "comme il est.",
        "publié", cells.write_choice(Publication), list_of="publications", width=13,
    ),
    Column(
        "opens_on", "Ouverture", cells.date,
        "Le premier jour pour déposer. Un mois ou une année suffisent si le jour n’est pas connu.",
        "02/06/2026", cells.write_date, others=("date d’ouverture", "ouvre le"), width=13,
    ),
    Column(
        "closes_on", "Clôture", cells.date,
        "Le dernier jour pour déposer, écrit de la même façon.",
        "septembre 2026", cells.write_date,
        others=("date de clôture", "date limite", "ferme le", "fermeture"), width=13,
    ),
    Column(
        "results_on", "Résultats", cells.date,
        "Quand les lauréats sont connus.",
        "", cells.write_date, others=("date des résultats",), width=13,
    ),
    Column(
        "territories", "Territoires", cells.territories,
        "Où l’on peut répondre, séparés par « ; » : un nom, ou le niveau et le code. Un nom seul "
        "désigne d’abord une région. Vide : les territoires de la série.",
        "Bretagne ; departement:44", cells.write_territories, cells.show_territories,
        ("territoire", "zone"), simple=False, width=26,
    ),
    Column(
        "excluded", "Territoires exclus", cells.territories,
        "Ceux où l’on ne peut pas répondre, à l’intérieur des précédents.",
        "", cells.write_territories, cells.show_territories, ("sauf", "exclus"), simple=False,
    ),
    Column(
        "stages", "Étapes", cells.several_of("stages", "une étape"),
        "À quelles étapes d’un projet l’appel s’adresse, séparées par « ; ».",
        "Émergence ; Création", cells.write_several("stages"), others=("étape",), list_of="stages",
        simple=False, width=24,
    ),
    Column(
        "themes", "Thématiques", cells.several_of("themes", "une thématique"),
        "Séparées par « ; ». Vide : toutes.",
        "", cells.write_several("themes"), others=("thématique", "thèmes", "thème"),
        list_of="themes", simple=False, width=22,
    ),
    Column(
        "audiences", "Publics", cells.several_of("audiences", "un public"),
        "À qui l’appel est réservé, séparés par « ; ». Vide : tout le monde.",
        "", cells.write_several("audiences"), others=("pour qui", "public"), list_of="audiences",
        simple=False, width=22,
    ),
    Column(
        "entry_modes", "On répond avec", cells.entry_modes,
        "Une idée, un besoin repéré, une structure qui existe : séparés par « ; ».",
        "", cells.write_entry_modes, others=("on y répond avec",), list_of="entry_modes", width=22,
    ),
    Column(
        "envelope", "Enveloppe (€)", cells.amount,
        "Le total, tous financeurs réunis, en chiffres.",
        "250 000", show=cells.show_amount, others=("enveloppe", "montant", "budget"), width=15,
    ),
    Column(
        "envelope_nature", "Nature de l’enveloppe",
        cells.choice_of(FundingNature, "une nature de montant"),
        "Si ce total est annoncé, prévu, voté… Vide si la source ne le dit pas.",
        "voté", cells.write_choice(FundingNature), list_of="natures", width=14,
    ),
    Column(
        "fundings", "Financeurs", cells.fundings,
        "Qui paie, séparés par « ; », avec s’il est connu le montant et sa nature : « Région "
        "Bretagne : 120 000 € voté ; Bpifrance ». Vide : les financeurs habituels de la série.",
        "Région Bretagne : 120 000 € voté", cells.write_fundings, cells.show_fundings,
        ("financeur",), simple=False, width=34,
    ),
    Column(
        "applicants", "Dossiers reçus", cells.whole_number(1_000_000), "Combien, une fois connu.",
        width=10,
    ),
    Column(
        "selected", "Nombre de lauréats", cells.whole_number(1_000_000), "Combien, une fois connu.",
        others=("lauréats",), width=10,
    ),
    Column(
        "link", "Page de l’appel", cells.link,
        "L’adresse où l’on trouve le règlement et le dépôt.",
        "https://exemple.fr/fonds-ess", others=("lien", "adresse", "url"), width=30,
    ),
    Column(
        "note", "À savoir", cells.text_of(5000),
        "Une ou deux phrases, visibles par tous.", "", others=("remarque", "note"), width=30,
    ),
    Column(
        "contact", "Contact", cells.text_of(200),
        "Un service, jamais le nom d’une personne.", "Service économie sociale et solidaire",
        width=26,
    ),
    Column(
        "contact_email", "Courriel", cells.email, "Celui du service.", "ess@exemple.fr",
        others=("e-mail", "mail", "courriel du contact"), width=22,
    ),
    Column(
        "contact_phone", "Téléphone", cells.text_of(30), "Celui du service.", "", others=("tél",),
        width=16,
    ),
    Column(
        "caveat", "Réserve", cells.text_of(500),
        "Ce qui est déduit, ancien ou incomplet. Visible par tous.", width=24,
    ),
    Column(
        "source", "Source", cells.text_of(5000),
        "L’adresse de la page, ou la référence du document, d’où viennent ces informations.",
        "https://exemple.fr/fonds-ess", needed=True, width=30,
    ),
    Column(
        "source_date", "Date de la source", cells.date, "Quand elle a été écrite.", "15/05/2026",
        cells.write_date, width=14,
    ),
)  # fmt: skip

BY_NAME: Final = {column.name: column for column in COLUMNS}
SIMPLE: Final = tuple(column.name for column in COLUMNS if column.simple)
_BY_HEADING: Final = {
    plain(heading): column
    for column in COLUMNS
    for heading in (column.heading, column.name, *column.others)
}


def column_of(heading: str) -> Column | None:
    """The column of that heading, whatever its case, accents and apostrophes."""
    return _BY_HEADING.get(plain(heading).replace(" €", "").strip())


def choices_of(column: Column, vocabulary: Vocabulary) -> list[str]:
    """The texts that the cells of a column with a list may hold."""
    match column.list_of:
        case "kinds":
            return [str(label) for label in FundingKind.labels]
        case "publications":
            return [str(label) for label in Publication.labels]
        case "natures":
            return [str(label) for label in FundingNature.labels]
        case "entry_modes":
            return list(cells.choice_terms(EntryMode).labels.values())
        case "":
            return []
        case name:
            return list(getattr(vocabulary, name).labels.values())
