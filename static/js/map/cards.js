// The cards that the markers of a search bring: one operator, or the list of those at one place, each of which leads to its own.

import { presentCard } from "./card.js";
import { countOf } from "./counts.js";
import { makeElement } from "./elements.js";
import { leadIntoPopup } from "./frame.js";
import { MARKER } from "./markers.js";

const L = window.L;

export class Cards {
  #map;
  #focus;
  #learnNames;
  #popup = null;

  /** `focus`: the Focus of the map, which knows the operators and shows their zones; `learnNames(operators)` fills in theirs. */
  constructor(map, focus, learnNames) {
    this.#map = map;
    this.#focus = focus;
    this.#learnNames = learnNames;
  }

  get isOpen() {
    return this.#popup?.isOpen() ?? false;
  }

  /** Open on these operators ({id, name or null, kind}) at the place of this marker; `isByKey` brings the focus into the card. */
  async open(operators, marker, isByKey) {
    const content = makeElement("div", "map-card");
    const room = this.#map.getSize();
    const popup = L.popup({
      offset: [0, -MARKER / 4],
      minWidth: 200,
      maxWidth: Math.min(320, room.x - 60),
      maxHeight: Math.max(120, room.y - 90),
      autoPanPadding: [12, 12],
    });
    const show = (...parts) => {
      content.replaceChildren(...parts);
      popup.update();
    };
    const isSingle = operators.length === 1;
    content.append(...(isSingle ? sketch(operators[0]) : [title(operators)]));
    popup.setLatLng(marker.getLatLng()).setContent(content).openOn(this.#map);
    this.#popup = popup;
    popup.once("remove", () => {
      if (this.#popup === popup) this.#focus.show(null);
    });
    if (isSingle) {
      this.#focus.show(operators[0].id);
      const card = await this.#focus.fetchCard(operators[0].id);
      if (!popup.isOpen()) return;
      if (card) show(...presentCard(card));
    } else {
      await this.#learnNames(operators);
      if (!popup.isOpen()) return;
      show(...this.#list(operators, show));
    }
    if (isByKey) leadIntoPopup(popup, marker.getElement());
  }

  /** Those at one place, by name; `show` puts other parts in the same popup. */
  #list(operators, show) {
    const heading = title(operators);
    const list = makeElement("ul", "map-card__list");
    list.setAttribute("role", "list");
    const named = [...operators].sort((a, b) => nameOf(a).localeCompare(nameOf(b), "fr"));
    for (const operator of named) {
      const button = makeElement("button", "map-card__choice", makeElement("b", "", nameOf(operator)), makeElement("span", "", operator.kind));
      button.type = "button";
      button.addEventListener("mouseenter", () => this.#focus.point(operator.id));
      button.addEventListener("focus", () => this.#focus.point(operator.id));
      button.addEventListener("click", async () => {
        this.#focus.show(operator.id);
        const card = await this.#focus.fetchCard(operator.id);
        const parts = card ? presentCard(card) : sketch(operator);
        const back = makeElement("button", "map-card__back", `Revenir aux ${countOf(operators.length)}`);
        back.type = "button";
        back.addEventListener("click", (event) => {
          event.stopPropagation(); // the map would not see that this button, gone by then, was in the card
          show(heading, list);
          button.focus();
        });
        show(...parts, back);
        (parts[0].querySelector("a") ?? back).focus();
      });
      list.append(makeElement("li", "", button));
    }
    return [heading, list];
  }
}

function title(operators) {
  return makeElement("p", "map-card__name", `${countOf(operators.length)} au même endroit`);
}

function nameOf({ name }) {
  return name ?? "Nom non chargé";
}

/** What is known of an operator before its card has come. */
function sketch({ name, kind }) {
  return [makeElement("p", "map-card__name", name ?? "…"), makeElement("p", "map-card__kind", kind)];
}
