// The words under the map of a pathway: who is in focus, what the letters mean, who is not in view.

import { makeElement } from "./elements.js";

const HOW_TO = "Choisissez une structure, ici ou dans la liste, pour voir sa zone d’intervention.";

export class Caption {
  #words = null; // says who is in focus

  /** `data`: what directory/maps.py gives; `placed`: its operators with a position; `far`: {count, distance in km} out of view. */
  constructor(figcaption, { place, markers, unplaced }, placed, far) {
    if (!figcaption) return;
    const lines = [];
    if (markers.some(({ coverage_label: label }) => label)) {
      this.#words = makeElement("p", "");
      lines.push(this.#words);
      this.say(null);
    }
    const kinds = new Map(placed.map(({ letter, kind }) => [letter, kind]));
    if (kinds.size > 1) {
      const key = [...kinds].sort(([a], [b]) => a.localeCompare(b)).map(([letter, kind]) => `${letter}\u00a0:\u00a0${kind}`);
      lines.push(makeElement("p", "", key.join(" · ")));
    }
    const sentences = place ? [sayFar(far), sayUnplaced(unplaced)].filter(Boolean) : [];
    if (sentences.length) lines.push(makeElement("p", "", sentences.join(" ")));
    figcaption.prepend(...lines);
  }

  /** The operator in focus; undefined or null for none. */
  say(operator) {
    if (!this.#words) return;
    if (operator) this.#words.replaceChildren(makeElement("b", "", operator.name), ` · ${operator.coverage_label}`);
    else this.#words.textContent = HOW_TO;
  }
}

function sayFar({ count, distance }) {
  if (!count) return "";
  const who = count === 1 ? "1\u00a0structure est" : `${count}\u00a0structures sont`;
  return `${who} à plus de ${distance}\u00a0km\u00a0: réduisez la carte pour ${count === 1 ? "la" : "les"} voir.`;
}

function sayUnplaced(count) {
  if (!count) return "";
  return count === 1
    ? "1\u00a0structure dont l’adresse n’est pas connue n’est que dans la liste."
    : `${count}\u00a0structures dont l’adresse n’est pas connue ne sont que dans la liste.`;
}
