// What the map of a search says of one operator: its zone in words, and its card. The data is `card` of directory/explore/points.py.

import { makeElement, makeLink } from "./elements.js";

const MOST_TERRITORIES = 4; // named in one sentence

/** "Intervient sur le Doubs, Sauf Pontarlier". */
export function zoneInWords({ coverage }) {
  if (!coverage.length) return "Zone d’intervention non renseignée";
  const [first, ...others] = coverage.slice(0, MOST_TERRITORIES).map(({ label }) => label);
  const more = coverage.length - MOST_TERRITORIES;
  const rest = more > 0 ? [`et ${more}\u00a0${more > 1 ? "autres territoires" : "autre territoire"}`] : [];
  return [first, ...others, ...rest].join(", ");
}

/** Elements of the card, with the way down to the operator's line when this page has one. */
export function presentCard(card) {
  const title = makeElement("p", "map-card__name", makeLink(card.url, card.name));
  if (card.is_example) title.append(" ", makeElement("span", "mark mark--example", "Exemple"));
  const parts = [title, makeElement("p", "map-card__kind", [card.kind, card.town].filter(Boolean).join(" · "))];
  if (card.stages.length) {
    parts.push(makeElement("p", "", `Étapes\u00a0: ${card.stages.map(({ name }) => name).join(", ")}`));
  }
  parts.push(makeElement("p", "", `${zoneInWords(card)}.`));
  const line = document.querySelector(`#resultats [data-operator-slug="${CSS.escape(card.slug)}"]`);
  if (line) {
    line.id ||= `ligne-${card.slug}`;
    parts.push(makeElement("p", "", makeLink(`#${line.id}`, "Voir dans la liste")));
  }
  return parts;
}
