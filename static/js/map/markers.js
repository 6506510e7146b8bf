// The operators on the map of a search: a shape for the reach, a letter for the kind, and counts where they are many.
// css/explore-map.css draws them. Needs Leaflet.markercluster.

import { colour } from "./elements.js";
import { Slice } from "./slices.js";

const L = window.L;

export const MARKER = 28; // px

const CLUSTER_RADIUS = 60; // px: two markers closer than this become one count
const AROUND = 0.15; // of the view: markers there are ready when the map moves
const CHUNK = 12; // ms of work at a time while markers are gathered
const COUNTED = new Intl.NumberFormat("fr");

/** "1 structure", "2 350 structures". */
export function countOf(number) {
  return `${COUNTED.format(number)}\u00a0${number > 1 ? "structures" : "structure"}`;
}

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

function clusterIcon(cluster) {
  const count = cluster.getChildCount();
  const size = count < 10 ? 36 : count < 100 ? 42 : count < 1000 ? 50 : 58;
  return L.divIcon({
    html: `<span aria-hidden="true">${COUNTED.format(count)}</span><span class="visually-hidden">${countOf(count)}, agrandir la carte ici</span>`,
    className: "cluster-icon",
    iconSize: [size, size],
  });
}

// Without Leaflet these are nothing, and the map says that it could not be made.

/** Its own would keep the markers of nine screens: eight that nobody sees, and that Tab would walk through. */
const Groups = L?.MarkerClusterGroup?.extend({
  _getExpandedVisibleBounds() {
    return this._map.getBounds().pad(AROUND);
  },
});

const OperatorMarker = L?.Marker.extend({
  onAdd(map) {
    L.Marker.prototype.onAdd.call(this, map);
    this.getElement().setAttribute("aria-label", this.options.words());
    this.options.shown.set(this.getElement(), this);
  },
});

export class OperatorMarkers {
  #map;
  #groups;
  #byId = new Map(); // primary key -> marker
  #shown = new WeakMap(); // element -> its marker
  #lit = null; // primary key of the operator in focus

  /** `onOpen(operator, element, isByKey)`: one was chosen; `onPoint(id)`: the pointer is on one, or null on none. */
  constructor(map, { onOpen, onPoint }) {
    this.#map = map;
    this.#groups = new Groups({
      maxClusterRadius: CLUSTER_RADIUS,
      iconCreateFunction: clusterIcon,
      chunkedLoading: true,
      chunkInterval: CHUNK,
      chunkDelay: 0,
      animate: false, // a count that splits in motion costs as much as all the rest of a zoom, and is no target meanwhile
      showCoverageOnHover: false,
      spiderLegPolylineOptions: { weight: 1.5, color: colour("ink"), opacity: 1 },
    });
    this.#groups.on("click", ({ layer, originalEvent }) => onOpen(layer.options, layer, !originalEvent?.isTrusted));
    this.#groups.on("mouseover", ({ layer }) => onPoint(layer.options.id));
    this.#groups.on("mouseout", () => onPoint(null));
    this.#groups.on("spiderfied unspiderfied", () => this.light());
    this.#groups.addTo(map);
    map.getContainer().addEventListener("keydown", (event) => this.#onKey(event));
  }

  get size() {
    return this.#byId.size;
  }

  has(id) {
    return this.#byId.has(id);
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

  clear() {
    this.#groups.clearLayers();
    this.#byId.clear();
  }

  /**
   * Make the markers of these points (directory/explore/points.py says their columns), a few at a time;
   * `isWanted` says whether no other search has come meanwhile.
   */
  async place(data, isWanted) {
    this.clear();
    const scale = 10 ** data.decimals;
    const made = [];
    let id = 0;
    const slice = new Slice();
    for (let index = 0; index < data.id.length; index += 1) {
      if (slice.isOver) {
        await slice.rest();
        if (!isWanted()) return;
      }
      id += data.id[index];
      const [letter, kind] = data.kinds[data.kind[index]];
      const level = data.level[index];
      const name = data.name[index];
      const words = () => `${name}, ${kind}, portée ${data.levels[level].toLowerCase()}`;
      const position = L.latLng(data.lat[index] / scale, data.lon[index] / scale);
      const marker = new OperatorMarker(position, { icon: iconOf(letter, level), id, name, kind, words, shown: this.#shown });
      this.#byId.set(id, marker);
      made.push(marker);
    }
    this.#groups.addLayers(made);
  }

  /** Light the marker of this operator, or the count it is in; null lights none. */
  light(id = this.#lit) {
    this.#lit = id;
    for (const element of this.#map.getPane("markerPane").querySelectorAll(".is-lit")) element.classList.remove("is-lit");
    const marker = this.#byId.get(id);
    if (marker) this.#groups.getVisibleParent(marker)?.getElement()?.classList.add("is-lit");
  }

  /** Enter and Space do what a click does; the focus stays on the map when the marker goes. */
  #onKey(event) {
    const element = event.target.closest?.(".pin, .cluster-icon");
    if (!element || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (element.classList.contains("cluster-icon")) {
      this.#map.once("zoomend", () => {
        if (!element.isConnected || document.activeElement === document.body) this.#map.getContainer().focus();
      });
    }
    element.click();
  }
}
