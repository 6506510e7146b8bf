// The operators on the map of a search: a shape for the reach, a letter for the kind (css/explore-map.css draws them), and counts.

import { inView, makeGroups } from "./counts.js";
import { fetchJson } from "./data.js";
import { Slice } from "./slices.js";

const L = window.L;

export const MARKER = 28; // px

const PAUSE = 30; // ms: markers that appear together are named together

const icons = new Map();

function iconOf(letter, level) {
  const key = `${letter}/${level}`;
  if (!icons.has(key)) {
    const text = letter.replace(/[^\p{L}\p{N}]/gu, "");
    const options = { html: text, className: `pin pin--${level}${text.length > 1 ? " pin--long" : ""}`, iconSize: [MARKER, MARKER] };
    icons.set(key, L.divIcon(options));
  }
  return icons.get(key);
}

const OperatorMarker = L?.Marker.extend({
  onAdd(map) {
    L.Marker.prototype.onAdd.call(this, map);
    this.say();
    this.options.shown.set(this.getElement(), this);
    if (this.options.name === null) this.options.unnamed(this);
  },

  say() {
    const { name, words } = this.options;
    this.getElement()?.setAttribute("aria-label", [name, words()].filter(Boolean).join(", "));
  },
});

export class OperatorMarkers {
  #map;
  #addresses;
  #groups;
  #byId = new Map(); // primary key -> marker
  #shown = new WeakMap(); // element -> its marker
  #unnamed = new Set(); // markers that were shown before their names were known
  #naming = 0;
  #lit = null; // primary key of the operator in focus
  #gathering = Promise.resolve();
  #gathered = () => {};

  /**
   * `addresses`: {names, names_at_once} of views/map.py. `onOpen(operators, marker, isByKey)`: a marker was chosen, or a count of operators at one place; an operator is
   * {id, name, kind}, its name null until `name` has it. `onPoint(id)`: the pointer is on one, or null on none.
   */
  constructor(map, addresses, { onOpen, onPoint }) {
    this.#map = map;
    this.#addresses = addresses;
    this.#groups = makeGroups(() => {
      this.#hideCut();
      this.#gathered();
    });
    const isByKey = ({ originalEvent }) => !originalEvent?.isTrusted;
    this.#groups.on("click", (event) => onOpen([event.layer.options], event.layer, isByKey(event)));
    this.#groups.on("clusterclick", (event) => {
      const count = event.layer;
      if (count.isOnePlace()) onOpen(count.getAllChildMarkers().map(({ options }) => options), count, isByKey(event));
      else this.#zoomTo(count);
    });
    this.#groups.on("mouseover", ({ layer }) => onPoint(layer.options.id));
    this.#groups.on("mouseout", () => onPoint(null));
    this.#groups.addTo(map);
    map.on("moveend", () => this.#hideCut());
    map.getContainer().addEventListener("keydown", (event) => this.#onKey(event));
  }

  get size() {
    return this.#byId.size;
  }

  /** Where this operator is; undefined when it is not on the map. */
  positionOf(id) {
    return this.#byId.get(id)?.getLatLng();
  }

  /** Primary key of the operator whose marker this element is; undefined when it is none. */
  idOf(element) {
    return this.#shown.get(element)?.options.id;
  }

  /** Where they are, in the order of the points. */
  *positions() {
    for (const marker of this.#byId.values()) yield marker.getLatLng();
  }

  countIn(bounds) {
    let count = 0;
    for (const position of this.positions()) count += bounds.contains(position);
    return count;
  }

  async clear() {
    await this.#gathering; // what is being gathered cannot be stopped
    this.#groups.clearLayers();
    this.#byId.clear();
  }

  /**
   * Make the markers of these points (directory/explore/points.py says their columns), a few at a time;
   * `isWanted` says whether no other search has come meanwhile. `gather` puts them on the map.
   */
  async make(data, isWanted) {
    await this.clear();
    const scale = 10 ** data.decimals;
    let id = 0;
    const unnamed = (marker) => this.#nameSoon(marker);
    const slice = new Slice();
    for (let index = 0; index < data.id.length; index += 1) {
      if (slice.isOver) {
        await slice.rest();
        if (!isWanted()) return;
      }
      id += data.id[index];
      const [letter, kind] = data.kinds[data.kind[index]];
      const level = data.level[index];
      const name = data.name?.[index] ?? null;
      const words = () => `${kind}, portée ${data.levels[level].toLowerCase()}`;
      const position = L.latLng(data.lat[index] / scale, data.lon[index] / scale);
      const marker = new OperatorMarker(position, { icon: iconOf(letter, level), id, name, kind, words, shown: this.#shown, unnamed });
      this.#byId.set(id, marker);
    }
  }

  /** Put the markers that were made on the map, a few at a time. */
  gather() {
    this.#gathering = new Promise((resume) => (this.#gathered = resume));
    this.#groups.addLayers([...this.#byId.values()], true);
    return this.#gathering;
  }

  /** Learn the names of these operators of `onOpen`, as far as they can be had. */
  async name(operators) {
    const ids = operators.filter(({ name }) => name === null).map(({ id }) => id).sort((a, b) => a - b);
    const { names: address, names_at_once: most } = this.#addresses;
    const asked = [];
    for (let start = 0; start < ids.length; start += most) asked.push(fetchJson(`${address}?o=${ids.slice(start, start + most)}`));
    const names = Object.assign({}, ...(await Promise.all(asked)));
    for (const operator of operators) operator.name ??= names[operator.id] ?? null;
  }

  #nameSoon(marker) {
    this.#unnamed.add(marker);
    clearTimeout(this.#naming);
    this.#naming = setTimeout(async () => {
      const shown = [...this.#unnamed];
      this.#unnamed.clear();
      await this.name(shown.map(({ options }) => options));
      for (const one of shown) one.say();
    }, PAUSE);
  }

  /** Light the marker of this operator, or the count it is in; null lights none. */
  light(id = this.#lit) {
    this.#lit = id;
    for (const element of this.#map.getPane("markerPane").querySelectorAll(".is-lit")) element.classList.remove("is-lit");
    const marker = this.#byId.get(id);
    if (marker) this.#groups.getVisibleParent(marker)?.getElement()?.classList.add("is-lit");
  }

  /** A count some of whose operators are in view may stand outside: nobody sees it, nor comes to it by Tab. */
  #hideCut() {
    const view = inView(this.#map);
    for (const element of this.#map.getPane("markerPane").children) {
      const position = this.#map.layerPointToLatLng(L.DomUtil.getPosition(element));
      element.classList.toggle("is-out", !view.contains(position));
    }
  }

  /** As close as tells the operators of this count apart; the focus stays on the map when the count goes. */
  #zoomTo(count) {
    const element = count.getElement();
    this.#map.once("zoomend", () => {
      const focused = document.activeElement;
      if (focused === element || focused === document.body) this.#map.getContainer().focus({ preventScroll: true });
    });
    count.zoomToBounds({ padding: [MARKER, MARKER] });
  }

  /** Enter and Space do what a click does. */
  #onKey(event) {
    const element = event.target.closest?.(".pin, .cluster-icon");
    if (!element || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    element.click();
  }
}
