// The operator in focus on the map of a search, pointed at there or anywhere on the page: its marker is lit and its zone is drawn.

import { zoneInWords } from "./card.js";
import { fetchJson } from "./data.js";

const L = window.L;

const PAUSE = 150; // ms of pointing; a pointer that only passes asks for nothing

export class Focus {
  #map;
  #addresses;
  #markers;
  #say;
  #lookAt;
  #zone = L.layerGroup();
  #wanted = null; // primary key or slug of the operator in focus
  #timer = 0;

  /**
   * `addresses`: {card_by_id, card_by_slug} of views/map.py; `say(text)` is told of the operator, and "" when there is none;
   * `lookAt(bounds)` moves the map to an operator none of which is in view. The map needs a pane "zone".
   */
  constructor(map, addresses, markers, { say, lookAt }) {
    this.#map = map;
    this.#addresses = addresses;
    this.#markers = markers;
    this.#say = say;
    this.#lookAt = lookAt;
    this.#zone.addTo(map);
  }

  get isOnNobody() {
    return this.#wanted === null;
  }

  fetchCard(key) {
    const { card_by_id: byId, card_by_slug: bySlug } = this.#addresses;
    return fetchJson(typeof key === "number" ? byId.replace("0.json", `${key}.json`) : bySlug.replace("SLUG", key));
  }

  /** Show an operator, by primary key or slug, if the pointer stays; null shows none. `isElsewhere`: pointed at outside of the map. */
  point(key, isElsewhere = false) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.show(key, isElsewhere), PAUSE);
  }

  /** Forget who was pointed at. */
  stay() {
    clearTimeout(this.#timer);
  }

  async show(key, isElsewhere = false) {
    clearTimeout(this.#timer);
    if (key === this.#wanted) return;
    this.#wanted = key;
    this.#markers.light(typeof key === "number" ? key : null);
    this.#zone.clearLayers();
    this.#coverCountry(false);
    if (key === null) {
      this.#say("");
      return;
    }
    const card = await this.fetchCard(key);
    if (!card || key !== this.#wanted) return;
    this.#markers.light(card.id);
    const position = this.#markers.positionOf(card.id);
    this.#say(`${card.name}. ${zoneInWords(card)}.${position ? "" : " Sans adresse connue."}`);
    const isEverywhere = card.coverage.some(({ country, excluded }) => country && !excluded);
    this.#coverCountry(isEverywhere);
    const whole = L.latLngBounds(position ? [position] : []);
    for (const { outline, excluded } of card.coverage) {
      const feature = await fetchJson(outline);
      if (key !== this.#wanted) return;
      if (!feature) continue;
      const className = `outline outline--zone${excluded ? " outline--excluded" : ""}`;
      const outlined = L.geoJSON(feature, { pane: "zone", interactive: false, style: { className } }).addTo(this.#zone);
      whole.extend(outlined.getBounds());
    }
    const isOutOfView = whole.isValid() && !isEverywhere && !this.#map.getBounds().intersects(whole);
    if (isElsewhere && isOutOfView) this.#lookAt(whole);
  }

  #coverCountry(isCovered) {
    this.#map.getContainer().classList.toggle("covers-country", isCovered);
  }
}
