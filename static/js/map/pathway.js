// The map of a pathway, of an operator or of a selection, on our own outlines. The lists of the page say the same.
//
// Needs Leaflet's global L (a deferred classic script placed before this module). Hooks are data attributes:
//   [data-pathway-map][data-source=<id of the JSON, see directory/maps.py>], [data-map-placeholder] inside it;
//   [data-operator-slug] on whatever tells of an operator elsewhere on the page: to point at it or to focus what is
//   in it shows the outline that the operator covers.

import { Caption } from "./caption.js";
import { dataOf, fetchJson } from "./data.js";
import { coverageStyle, describe, drawLabel, drawMarker, exclusionStyle, presentOperators } from "./drawings.js";
import { colour } from "./elements.js";
import { isStill, leadIntoPopup, makeMap, METROPOLE, startMaps } from "./frame.js";
import { gather, offsets, SIDE_BY_SIDE, STEP } from "./gather.js";

const L = window.L;

const PAUSE = 120; // ms of pointing at a card; a pointer that only passes asks for nothing
const CLEAR = { paddingTopLeft: [STEP, 40], paddingBottomRight: [STEP, 56] }; // px: the source is at the lower right
const NEARBY = 80; // km from the commune: operators farther away are outside the first view
const WIDEST = 5; // zoom: metropolitan France
const CLOSEST = 13; // zoom: our outlines are simplified to about 200 m
const PANES = { ground: 250, context: 300, place: 350, coverage: 400, label: 500 };

class PathwayMap {
  #container;
  #data;
  #map;
  #placed; // operators with a position
  #markers = L.layerGroup();
  #caption;
  #outlined = L.latLngBounds([]); // of the outlines that the first view must show
  #isEntered = false; // whether someone has used the map: from then on the view is theirs
  #shown = new Map(); // slug -> {element, paint, marker} of the marker that stands for the operator
  #coverage = null; // layer of the outline in focus
  #pointed = null; // slug under the pointer
  #focused = null; // slug that has the focus
  #opened = null; // slug whose popup is open
  #fromList = false; // whether the last of them is of the list, not of the map
  #lit = null; // slug whose coverage is shown
  #pointTimer = 0;

  constructor(container, data) {
    this.#container = container;
    this.#data = data;
    this.#placed = data.markers.filter(({ latitude }) => latitude != null);
    this.#map = makeMap(container, { panes: PANES, tiles: data.tiles, minZoom: WIDEST, maxZoom: CLOSEST });
    container.addEventListener("focusin", () => (this.#isEntered = true));
    this.#markers.addTo(this.#map);
    this.#frame();
    this.#gatherMarkers();
    this.#map.on("zoomend", () => this.#gatherMarkers());
    this.#map.on("resize", () => {
      if (!this.#isEntered) this.#frame();
    });
    const { place } = data;
    const far = place ? this.#placed.filter((operator) => isFar(place, operator)).length : 0;
    const figcaption = container.closest("figure")?.querySelector("figcaption");
    this.#caption = new Caption(figcaption, data, this.#placed, { count: far, distance: NEARBY });
    this.#followTheList();
    this.#drawOutlines();
  }

  /** Whether there is anything that a map can show. A commune without a position has no map around it. */
  static hasSomething({ place, coverage = [], markers }) {
    if (place) return place.latitude != null;
    return markers.some(({ latitude }) => latitude != null) || coverage.some(({ outline }) => outline);
  }

  /** The first view: the commune and the operators nearby, or all there is; first without the outlines. */
  #frame() {
    const { place } = this.#data;
    const near = L.latLngBounds([]).extend(this.#outlined);
    if (place) near.extend([place.latitude, place.longitude]);
    for (const operator of this.#placed) {
      if (!place || !isFar(place, operator)) near.extend([operator.latitude, operator.longitude]);
    }
    const bounds = near.isValid() ? near : METROPOLE; // until an outline comes
    this.#map.fitBounds(bounds, { ...CLEAR, animate: false, maxZoom: 11 });
  }

  async #drawOutlines() {
    const { place, tiles, ground, context = [], coverage = [] } = this.#data;
    const paper = { fillColor: colour("paper"), fillOpacity: tiles ? 0 : 1 };
    this.#draw(ground, "ground", { color: colour("line"), weight: 1, ...paper });
    const around = context.map((url) => this.#draw(url, "context", { color: colour("line-strong"), weight: 1, ...paper }));
    const pine = colour("pine");
    const own = this.#draw(place?.outline, "place", { color: pine, weight: 2, fillColor: pine, fillOpacity: 0.14 });
    const covered = coverage.map(({ outline, excluded }) =>
      this.#draw(outline, "coverage", excluded ? exclusionStyle() : coverageStyle()),
    );
    if (place) this.#labelPlace(place, await own);
    const wanted = (await Promise.all([own, ...covered])).filter(Boolean);
    await Promise.all(around);
    for (const layer of wanted) this.#outlined.extend(layer.getBounds());
    if (!this.#isEntered) this.#frame();
  }

  /** Layer of the outline at this address, or null. */
  async #draw(url, pane, style) {
    const feature = await fetchJson(url);
    if (!feature) return null;
    return L.geoJSON(feature, { pane, style, interactive: false }).addTo(this.#map);
  }

  /** The commune's name above its outline: at its centre there may be operators. */
  #labelPlace({ name, latitude, longitude }, outline) {
    const icon = L.divIcon({ html: drawLabel(name), className: "", iconSize: [1, 1] });
    const bounds = outline?.getBounds();
    const top = bounds ? [bounds.getNorth(), bounds.getCenter().lng] : [latitude, longitude];
    L.marker(top, { icon, pane: "label", interactive: false, keyboard: false }).addTo(this.#map);
  }

  // --- Markers ---

  #gatherMarkers() {
    const slugWithFocus = this.#container.contains(document.activeElement) ? this.#focused : null;
    this.#markers.clearLayers();
    this.#shown.clear();
    const points = this.#placed.map((operator) => {
      const { x, y } = this.#map.latLngToLayerPoint([operator.latitude, operator.longitude]);
      return { x, y, operator };
    });
    for (const group of gather(points)) this.#addGroup(group);
    this.#paint();
    if (slugWithFocus) this.#shown.get(slugWithFocus)?.element.focus({ preventScroll: true });
  }

  #addGroup({ x, y, operators }) {
    const centre = this.#map.layerPointToLatLng([x, y]);
    const count = operators.length;
    if (count === 1) {
      const [{ latitude, longitude }] = operators;
      this.#addMarker([latitude, longitude], operators);
    } else if (count > SIDE_BY_SIDE) {
      this.#addMarker(centre, operators);
    } else {
      const places = [...offsets(count)];
      operators.forEach((operator, index) => this.#addMarker(centre, [operator], places[index]));
    }
  }

  /** One marker for these operators; `offset` in pixels from the position. */
  #addMarker(position, operators, [dx, dy] = [0, 0]) {
    const isGroup = operators.length > 1;
    const drawing = drawMarker(isGroup ? String(operators.length) : operators[0].letter, isGroup);
    const half = drawing.side / 2;
    const marker = L.marker(position, {
      icon: L.divIcon({
        html: drawing.svg,
        className: "",
        iconSize: [drawing.side, drawing.side],
        iconAnchor: [half - dx, half - dy],
        popupAnchor: [dx, dy - half],
      }),
      riseOnHover: true,
    });
    const room = this.#map.getSize();
    marker.bindPopup(() => presentOperators(operators), {
      maxHeight: Math.max(100, room.y - 110),
      minWidth: 150,
      maxWidth: Math.min(260, room.x - 60),
      autoPanPaddingTopLeft: [8, 8],
      autoPanPaddingBottomRight: [8, 32],
    });
    marker.addTo(this.#markers);
    const element = marker.getElement();
    element.setAttribute(
      "aria-label",
      isGroup ? `${operators.length} structures au même endroit` : describe(operators[0]),
    );
    for (const { slug } of operators) this.#shown.set(slug, { element, marker, paint: drawing.paint });
    this.#listenToMarker(marker, element, isGroup ? null : operators[0].slug);
  }

  #listenToMarker(marker, element, slug) {
    element.addEventListener("mouseenter", () => this.#point(slug));
    element.addEventListener("mouseleave", () => this.#point(null));
    element.addEventListener("focus", () => this.#focus(slug));
    element.addEventListener("blur", () => this.#focus(null));
    marker.on("popupopen", () => this.#open(slug));
    marker.on("popupclose", () => this.#open(null));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      marker.openPopup();
      leadIntoPopup(marker.getPopup(), element);
    });
  }

  // --- What is in focus ---

  /** Cards and lines of the page that tell of an operator light it on the map. */
  #followTheList() {
    const known = new Set(this.#data.markers.map(({ slug }) => slug));
    for (const card of document.querySelectorAll("[data-operator-slug]")) {
      const slug = card.dataset.operatorSlug;
      if (!known.has(slug)) continue;
      card.addEventListener("mouseenter", () => this.#point(slug, true));
      card.addEventListener("mouseleave", () => this.#point(null, true));
      card.addEventListener("focusin", () => this.#focus(slug, true));
      card.addEventListener("focusout", () => this.#focus(null, true));
    }
  }

  #point(slug, fromList = false) {
    this.#pointed = slug;
    this.#fromList = fromList;
    clearTimeout(this.#pointTimer);
    this.#pointTimer = setTimeout(() => this.#light(), PAUSE);
  }

  #focus(slug, fromList = false) {
    this.#focused = slug;
    this.#fromList = fromList;
    this.#light();
  }

  #open(slug) {
    this.#opened = slug;
    this.#light();
  }

  async #light() {
    const slug = this.#pointed ?? this.#focused ?? this.#opened;
    if (slug === this.#lit) return;
    this.#lit = slug;
    this.#coverage?.remove();
    this.#coverage = null;
    const operator = this.#data.markers.find((one) => one.slug === slug);
    this.#caption.say(operator);
    this.#paint();
    if (!operator) return;
    const feature = await fetchJson(operator.coverage);
    if (!feature || this.#lit !== slug) return;
    this.#coverage = L.geoJSON(feature, { pane: "coverage", style: coverageStyle(), interactive: false });
    this.#coverage.addTo(this.#map);
    // From the list or a chosen marker, show the whole of it; pointing alone moves nothing.
    const bounds = this.#coverage.getBounds();
    const isChosen = this.#fromList || this.#opened === slug;
    if (isChosen && !this.#map.getBounds().contains(bounds)) {
      this.#map.fitBounds(bounds, { ...CLEAR, animate: !isStill });
    }
  }

  #paint() {
    const lit = this.#shown.get(this.#lit);
    for (const shown of new Set(this.#shown.values())) shown.paint(false);
    lit?.paint(true);
    for (const { marker } of this.#shown.values()) marker.setZIndexOffset(marker === lit?.marker ? 1000 : 0);
  }
}

function isFar(place, operator) {
  const from = L.latLng(place.latitude, place.longitude);
  return from.distanceTo([operator.latitude, operator.longitude]) > NEARBY * 1000;
}

function start(container) {
  const data = dataOf(container);
  if (!PathwayMap.hasSomething(data)) return "Rien dont la position soit connue\u00a0: la liste ci-dessous dit tout.";
  new PathwayMap(container, data);
  return "";
}

startMaps("[data-pathway-map]", start, "La liste ci-dessous dit la même chose.");
