// The map of a search: the operators that the list of the same page tells of, on our own outlines.
//
// Needs Leaflet's global L with Leaflet.markercluster (deferred classic scripts placed before this module). Hooks:
//   [data-explore-map][data-source=<id of the JSON, see views/map.py:map_settings>] holds [data-map], [data-map-placeholder],
//   [data-map-zone], [data-map-territory], [data-map-goto], [data-map-words] and [data-map-visit];
//   [data-operator-slug] on whatever tells of an operator elsewhere on the page: pointing at it shows its zone and its marker.
// The search is in the address: a change of the map is a change of the address, followed by htmx where it runs.

import { Cards } from "./cards.js";
import { countOf, inView } from "./counts.js";
import { dataOf, fetchJson } from "./data.js";
import { makeElement, makeLink } from "./elements.js";
import { Focus } from "./focus.js";
import { makeMap, METROPOLE, startMaps } from "./frame.js";
import { Ground, GROUND_PANES } from "./ground.js";
import { OperatorMarkers } from "./markers.js";

const L = window.L;

const PAUSE = 120; // ms after a move: the next one may follow
const FEW = 500; // operators around which the first view closes
const WIDEST = 5;
const CLOSEST = 14; // our outlines are simplified to about 200 m
const COUNTED = new Intl.NumberFormat("fr");
const HOW_TO = "Pointez une structure, ici ou dans la liste, pour voir où elle intervient.";
const PLACES = {
  "France métropolitaine": METROPOLE,
  Guadeloupe: [[15.8, -61.9], [16.6, -60.9]],
  Martinique: [[14.3, -61.3], [14.9, -60.8]],
  Guyane: [[2.1, -54.7], [5.8, -51.5]],
  "La Réunion": [[-21.4, 55.2], [-20.8, 55.9]],
  Mayotte: [[-13.05, 45.0], [-12.6, 45.35]],
};

/** Address of this page's search with some parameters changed; null takes one off. */
function addressWith(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries({ page: null, lieu: null, ...changes })) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return location.pathname + (text && `?${text}`);
}

/** What decides of the operators shown: the query of the address without what only orders or pages them. */
function searchOfAddress() {
  const query = new URLSearchParams(location.search);
  for (const name of ["page", "lieu", "ordre"]) query.delete(name);
  return query;
}

class ExploreMap {
  #root;
  #settings;
  #map;
  #markers;
  #ground;
  #focus;
  #cards;
  #asked = null; // outline of the territory searched
  #calm = 0;
  #search = null; // the query string that is shown
  #data = null; // the points of that search
  #trouble = ""; // why there are none
  #isMoving = false; // whether the map moves by itself

  constructor(root, settings) {
    this.#root = root;
    this.#settings = settings;
    this.#map = makeMap(root.querySelector("[data-map]"), {
      panes: { ...GROUND_PANES, asked: 340, zone: 380 },
      tiles: settings.tiles,
      minZoom: WIDEST,
      maxZoom: CLOSEST,
    });
    this.#map.fitBounds(METROPOLE, { animate: false });
    this.#markers = new OperatorMarkers(this.#map, settings, {
      onOpen: (operators, marker, isByKey) => this.#cards.open(operators, marker, isByKey),
      onPoint: (id) => this.#point(id),
    });
    this.#ground = new Ground(this.#map, settings, ({ key }) => this.#searchIn(key));
    this.#focus = new Focus(this.#map, settings, this.#markers, {
      say: (text) => this.#say(text),
      lookAt: (bounds) => this.#moveTo(bounds),
    });
    this.#cards = new Cards(this.#map, this.#focus, (operators) => this.#markers.name(operators));
    this.#map.on("moveend", () => this.#onMove());
    this.#offerPlaces();
    this.#followThePage();
    this.#drawGround();
    this.refresh();
  }

  #hook(name) {
    return this.#root.querySelector(`[data-map-${name}]`);
  }

  async #drawGround() {
    if (!(await this.#ground.draw())) return;
    this.#root.dataset.ready = "";
    this.#follow();
  }

  // --- The search ---

  /** Follow the address: other operators, another territory. */
  async refresh() {
    const query = searchOfAddress();
    const search = query.toString();
    if (search === this.#search) {
      if (this.#data) this.#listUnplaced(this.#data);
      return;
    }
    const isFirst = this.#search === null;
    const isWanted = () => search === this.#search;
    this.#search = search;
    this.#data = null;
    this.#hook("zone").hidden = true;
    this.#root.setAttribute("aria-busy", "true");
    const isRefused = document.querySelector("[data-map-refused]") !== null;
    const data = isRefused ? null : await fetchJson(this.#settings.points + (search && `?${search}`));
    if (!isWanted()) return;
    this.#root.removeAttribute("aria-busy");
    if (!data) {
      await this.#markers.clear();
      if (!isWanted()) return;
      this.#trouble = isRefused
        ? "Rien n’a été cherché\u00a0: un filtre n’a pas été compris."
        : "La carte n’a pas pu suivre. La liste, elle, est à jour.";
      this.#say("");
      return;
    }
    this.#data = data;
    this.#trouble = "";
    this.#map.closePopup();
    const [outline] = await Promise.all([fetchJson(data.territory?.outline), this.#markers.make(data, isWanted)]);
    if (!isWanted()) return;
    this.#outlineAsked(outline);
    // A zone was drawn by the view: the view stays as it is.
    if (isFirst || !query.has("zone")) this.#frame(query.get("zone"));
    this.#listUnplaced(data);
    this.#say("");
    await this.#markers.gather();
    if (!isWanted()) return;
    this.#root.dataset.placed = String(data.id.length);
    this.#root.dataset.total = String(data.total);
  }

  /** The rest of the operators without a point, behind those that the page names already. */
  #listUnplaced({ unplaced }) {
    const list = document.querySelector("[data-map-unplaced]");
    if (!list) return;
    const known = new Set([...list.children].map((line) => line.dataset.operatorSlug));
    const missing = unplaced.filter(([slug]) => !known.has(slug));
    const fill = () => {
      for (const [slug, name] of missing) {
        const line = makeElement("li", "", makeLink(this.#settings.operator.replace("SLUG", slug), name));
        line.dataset.operatorSlug = slug;
        list.append(line);
      }
      document.querySelector("[data-map-unplaced-others]")?.remove();
    };
    const details = list.closest("details");
    if (!details || details.open) fill();
    else details.addEventListener("toggle", fill, { once: true });
  }

  /** Go to the address of another search: by htmx where it runs, else as a plain link. */
  #visit(address) {
    const link = makeLink(address, "");
    this.#hook("visit").replaceChildren(link);
    window.htmx?.process(link);
    link.click();
  }

  #searchIn(key) {
    this.#visit(addressWith({ territoire: key, zone: null, portee: null }));
  }

  // --- The view ---

  #outlineAsked(outline) {
    this.#asked?.remove();
    this.#asked = outline
      ? L.geoJSON(outline, { pane: "asked", interactive: false, style: { className: "outline outline--asked" } }).addTo(this.#map)
      : null;
  }

  /** The zone asked for, else the territory, else the operators, those of metropolitan France first. */
  #frame(zone) {
    const [south, west, north, east] = (zone ?? "").split(",").map(Number);
    let bounds = L.latLngBounds(METROPOLE);
    if (zone && [south, west, north, east].every(Number.isFinite)) bounds = L.latLngBounds([south, west], [north, east]);
    else if (this.#asked) {
      bounds = this.#asked.getBounds();
      // Whoever serves a territory may sit elsewhere: a map that shows nobody would not say so.
      if (!this.#markers.countIn(bounds)) bounds.extend(this.#around());
    } else if (this.#markers.size && this.#markers.size < FEW) bounds = this.#around();
    this.#moveTo(bounds);
  }

  /** A move that nobody made by hand, and that offers nothing. */
  #moveTo(bounds) {
    this.#isMoving = true;
    this.#map.fitBounds(bounds, { animate: false, maxZoom: 11, padding: [12, 12] });
    this.#isMoving = false;
  }

  /** What holds the first operators, those of metropolitan France if there are any. */
  #around() {
    const metropole = L.latLngBounds(METROPOLE);
    const all = [...this.#markers.positions()];
    const near = all.filter((point) => metropole.contains(point));
    return L.latLngBounds((near.length ? near : all).slice(0, FEW));
  }

  #onMove() {
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => this.#follow(), PAUSE);
    if (this.#isMoving || this.#search === null) return;
    const link = this.#hook("zone");
    link.href = addressWith({ zone: zoneOf(this.#map.getBounds()) });
    link.hidden = false;
  }

  /** What depends on the view: names, closer outlines, what is at its centre and what is outside of it. */
  async #follow() {
    this.#markers.light();
    if (this.#focus.isOnNobody) this.#say("");
    await this.#ground.follow();
    this.#offerTerritory();
  }

  #offerTerritory() {
    const link = this.#hook("territory");
    const found = this.#ground.atCentre();
    link.hidden = !found || new URLSearchParams(location.search).get("territoire") === found.key;
    if (!found) return;
    link.href = addressWith({ territoire: found.key, zone: null, portee: null });
    link.textContent = `Au centre\u00a0: ${found.name}, chercher ici`;
  }

  #offerPlaces() {
    const select = this.#hook("goto");
    select.append(...Object.keys(PLACES).map((name) => new Option(name, name)));
    select.addEventListener("change", () => {
      if (PLACES[select.value]) this.#map.fitBounds(PLACES[select.value], { animate: false });
    });
    select.closest("[hidden]").hidden = false;
  }

  // --- Who is in focus ---

  #followThePage() {
    const slugOf = ({ target }) => target.closest?.("[data-operator-slug]")?.dataset.operatorSlug ?? null;
    for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
      document.addEventListener(enter, (event) => slugOf(event) && this.#point(slugOf(event), true));
      document.addEventListener(leave, (event) => slugOf(event) && this.#point(null));
    }
    this.#map.getContainer().addEventListener("focusin", ({ target }) => {
      const id = this.#markers.idOf(target);
      if (id !== undefined) this.#point(id);
    });
    for (const name of ["zone", "territory"]) {
      const link = this.#hook(name);
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.#visit(link.href);
      });
    }
    document.addEventListener("htmx:afterSettle", () => this.refresh());
  }

  /** The operator whose card is open stays in focus when the pointer leaves; `isElsewhere`: pointed at outside of the map. */
  #point(key, isElsewhere = false) {
    if (key === null && this.#cards.isOpen) this.#focus.stay();
    else this.#focus.point(key, isElsewhere);
  }

  #say(text) {
    this.#hook("words").textContent = text || this.#trouble || `${this.#sayView()}${HOW_TO}`;
  }

  /** How many there are in view, when it is not all of them. */
  #sayView() {
    const inside = this.#markers.countIn(inView(this.#map));
    if (inside === this.#markers.size) return "";
    const elsewhere = COUNTED.format(this.#markers.size - inside);
    return `${countOf(inside)} dans la vue, ${elsewhere} ailleurs\u00a0: réduisez la carte. `;
  }
}

/** "south,west,north,east" in degrees, as the filter `zone` reads it. */
function zoneOf(bounds) {
  const inWorld = (degrees, most) => Math.max(-most, Math.min(most, degrees)).toFixed(3);
  return [
    inWorld(bounds.getSouth(), 90),
    inWorld(bounds.getWest(), 180),
    inWorld(bounds.getNorth(), 90),
    inWorld(bounds.getEast(), 180),
  ].join(",");
}

startMaps("[data-explore-map]", (root) => void new ExploreMap(root, dataOf(root)), "La liste dit la même chose.");
