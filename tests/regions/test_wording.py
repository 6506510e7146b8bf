"""French words around place names."""

import pytest

from regions.models import Kind, Territory
from regions.wording import count_of_communes, covers_sentence, distance_label, of


@pytest.mark.parametrize(
    ("kind", "name", "liaison", "expected"),
    [
        (Kind.DEPARTEMENT, "Doubs", 2, "Intervient dans le département du Doubs"),
        (Kind.DEPARTEMENT, "Ain", 5, "Intervient dans le département de l’Ain"),
        (Kind.DEPARTEMENT, "Haute-Saône", 3, "Intervient dans le département de la Haute-Saône"),
        (Kind.DEPARTEMENT, "Ardennes", 4, "Intervient dans le département des Ardennes"),
        (
            Kind.DEPARTEMENT,
            "Ille-et-Vilaine",
            1,
            "Intervient dans le département d’Ille-et-Vilaine",
        ),
        (Kind.COMMUNE, "Roubaix", 0, "Intervient sur la commune de Roubaix"),
        (Kind.REGION, "Bretagne", 3, "Intervient dans la région Bretagne"),
        (Kind.EPCI, "Rennes Métropole", None, "Intervient sur Rennes Métropole"),
        (Kind.COUNTRY, "France", 3, "Intervient dans toute la France"),
    ],
)
def test_coverage_in_a_sentence(kind: str, name: str, liaison: int | None, expected: str) -> None:
    assert covers_sentence(Territory(kind=kind, name=name, liaison=liaison)) == expected


def test_the_unknown_article_is_the_plain_one() -> None:
    assert of(Territory(kind=Kind.PAYS, name="Pays de Brest")) == "de Pays de Brest"


@pytest.mark.parametrize(
    ("kilometres", "expected"),
    [(None, ""), (0.2, "à 1\u00a0km"), (4.4, "à 4\u00a0km"), (65.9, "à 66\u00a0km")],
)
def test_distance_in_words(kilometres: float | None, expected: str) -> None:
    assert distance_label(kilometres) == expected


def test_number_of_communes() -> None:
    assert (
        count_of_communes(Territory(kind=Kind.REGION, commune_count=3699))
        == " (3\u202f699 communes)"
    )
    assert count_of_communes(Territory(kind=Kind.COMMUNE, commune_count=1)) == ""
