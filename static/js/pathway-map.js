// The map of a pathway or of an operator: our own outlines, no tile, no third party. The lists of the page say the same.
//
// Needs Leaflet's global L (a deferred classic script placed before this module). Hooks are data attributes:
//   [data-pathway-map][data-source=<id of the JSON, see directory/maps.py>], [data-map-placeholder] inside it;
//   [data-operator-slug] on whatever tells of an operator elsewhere on the page: to point at it or to focus what is
//   in it shows the outline that the operator covers.
// Drawings are SVG made here, with the colours of css/tokens.css: a strict CSP holds no style attribute against them.

const L = window.L;

const ZOOM_BUTTONS = 56; // px kept clear on their side of the map
const MARKER_RADIUS = 15; // px
const GROUP_RADIUS = 18;
const STEP = 33; // px from one marker to the next, side by side: none covers another, even as a target
const SIDE_BY_SIDE = 6; // more operators than this at one place become one marker, with their count and their list
const BEFORE_OUTLINE = 120; // ms of pointing at a card; a pointer that only passes asks for nothing
// Markers side by side stand clear of the zoom buttons, at the lower left, and of the source, at the lower right.
const CLEAR = { paddingTopLeft: [ZOOM_BUTTONS + STEP, 40], paddingBottomRight: [40, 56] };
const NEARBY = 80_000; // metres from the commune: operators farther away are outside the first view
const WIDEST = 5; // zoom: metropolitan France
const CLOSEST = 13; // zoom: our outlines are simplified to about 200 m
const ATTRIBUTION = "© Etalab, découpage administratif";
const SVG = "http://www.w3.org/2000/svg";

const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
const hasFinger = matchMedia("(pointer: coarse)").matches;

function readColours() {
  const tokens = getComputedStyle(document.documentElement);
  return new Proxy({}, { get: (_, name) => tokens.getPropertyValue(`--${name}`).trim() });
}

// --- Outlines: fetched when first wanted, then kept ---

const outlines = new Map();

/** GeoJSON feature at this address; null when there is none or it cannot be had. */
function fetchOutline(url) {
  if (!url) return Promise.resolve(null);
  if (!outlines.has(url)) {
    const answer = fetch(url, { credentials: "omit" })
      .then((response) => (response.ok ? response.json() : null))
      .catch(() => null);
    outlines.set(url, answer);
  }
  return outlines.get(url);
}

// --- Markers that would hide one another ---

/** Columns and rows in which so many markers stand side by side. */
function arrange(count) {
  const columns = Math.ceil(Math.sqrt(count));
  return { columns, rows: Math.ceil(count / columns) };
}

/** Half of the box, in pixels, that so many operators take around their centre. */
function halfOf(count) {
  if (count > SIDE_BY_SIDE) return { x: GROUP_RADIUS, y: GROUP_RADIUS };
  const { columns, rows } = arrange(count);
  return { x: (columns * STEP) / 2, y: (rows * STEP) / 2 };
}

/** Offsets [x, y], in pixels from their centre, of so many markers side by side. */
function* offsets(count) {
  const { columns, rows } = arrange(count);
  for (let index = 0; index < count; index += 1) {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    yield [((index % columns) - (inRow - 1) / 2) * STEP, (row - (rows - 1) / 2) * STEP];
  }
}

/** Points {x, y, operator} in pixels -> groups {x, y, operators}, none of which touches another. */
function gather(points) {
  const groups = points.map(({ x, y, operator }) => ({ x, y, operators: [operator] }));
  const touch = (a, b) => {
    const [halfA, halfB] = [halfOf(a.operators.length), halfOf(b.operators.length)];
    return Math.abs(a.x - b.x) < halfA.x + halfB.x && Math.abs(a.y - b.y) < halfA.y + halfB.y;
  };
  for (let i = 0; i < groups.length; i += 1) {
    const j = groups.findIndex((other, index) => index > i && touch(groups[i], other));
    if (j === -1) continue;
    groups[i] = merge(groups[i], groups[j]);
    groups.splice(j, 1);
    i = -1; // the merged group is larger: it may touch one that was clear
  }
  return groups;
}

function merge(a, b) {
  const [m, n] = [a.operators.length, b.operators.length];
  return {
    x: (a.x * m + b.x * n) / (m + n),
    y: (a.y * m + b.y * n) / (m + n),
    operators: [...a.operators, ...b.operators],
  };
}

// --- Drawings and texts ---

function makeSvg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function makeElement(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** A disc with the letter of the kind, or a square with a count: the shape tells them apart too. */
function drawMarker(text, isGroup, colours) {
  const radius = isGroup ? GROUP_RADIUS : MARKER_RADIUS;
  const side = 2 * radius;
  const shape = isGroup
    ? makeSvg("rect", { x: 1, y: 1, width: side - 2, height: side - 2, rx: 6 })
    : makeSvg("circle", { cx: radius, cy: radius, r: radius - 1 });
  const letters = makeSvg(
    "text",
    {
      x: radius,
      y: radius,
      "text-anchor": "middle",
      "dominant-baseline": "central",
      "font-size": text.length > 2 ? 10 : 14,
      "font-weight": 700,
    },
    text,
  );
  const svg = makeSvg("svg", { width: side, height: side, "aria-hidden": "true", focusable: "false" }, shape, letters);
  return { svg, side, paint: (isLit) => paint(shape, letters, isGroup !== isLit, colours) };
}

function paint(shape, letters, isDark, colours) {
  shape.setAttribute("fill", isDark ? colours.ink : colours.jonquil);
  shape.setAttribute("stroke", isDark ? colours.jonquil : colours.ink);
  shape.setAttribute("stroke-width", 2);
  letters.setAttribute("fill", isDark ? colours.jonquil : colours.ink);
}

/** The commune's name, readable over any outline. */
function drawLabel(text, colours) {
  const label = makeSvg(
    "text",
    {
      "text-anchor": "middle",
      y: -8,
      "font-size": 13,
      "font-weight": 700,
      fill: colours["pine-deep"],
      stroke: colours.paper,
      "stroke-width": 4,
      "stroke-linejoin": "round",
      "paint-order": "stroke",
    },
    text,
  );
  return makeSvg("svg", { width: 1, height: 1, overflow: "visible", "aria-hidden": "true" }, label);
}

function describe(operator) {
  return [operator.name, operator.kind, operator.coverage_label].filter(Boolean).join(", ");
}

/** What a popup says of one operator. */
function presentOperator(operator) {
  const link = makeElement("a", "", operator.name);
  link.href = operator.url;
  const parts = [makeElement("b", "", link), document.createElement("br"), operator.kind];
  if (operator.coverage_label) parts.push(document.createElement("br"), operator.coverage_label);
  return makeElement("div", "", ...parts);
}

function presentGroup(operators) {
  if (operators.length === 1) return presentOperator(operators[0]);
  const list = makeElement("ul", "stack");
  list.setAttribute("role", "list");
  list.append(...operators.map((operator) => makeElement("li", "", presentOperator(operator))));
  return list;
}

// --- The map ---

class PathwayMap {
  #container;
  #data;
  #colours = readColours();
  #map;
  #placed; // operators with a position
  #markers = L.layerGroup();
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
  #openedFrom = null; // element of the marker whose popup was opened from the keyboard
  #words; // the caption that says what is in focus

  constructor(container, data) {
    this.#container = container;
    this.#data = data;
    this.#placed = data.markers.filter(({ latitude }) => latitude != null);
    this.#map = this.#makeMap();
    this.#markers.addTo(this.#map);
    this.#frame();
    this.#gatherMarkers();
    this.#map.on("zoomend", () => this.#gatherMarkers());
    this.#map.on("resize", () => {
      if (!this.#isEntered) this.#frame();
    });
    this.#explain();
    this.#followTheList();
    this.#drawOutlines();
  }

  /** Whether there is anything that a map can show. A commune without a position has no map around it. */
  static hasSomething({ place, coverage = [], markers }) {
    if (place) return place.latitude != null;
    return (
      markers.some(({ latitude }) => latitude != null) ||
      coverage.some(({ outline }) => outline)
    );
  }

  #makeMap() {
    const map = L.map(this.#container, {
      attributionControl: false,
      zoomControl: false,
      minZoom: WIDEST,
      maxZoom: CLOSEST,
      zoomSnap: 0.5,
      // The page scrolls under wheel and finger until someone enters the map.
      scrollWheelZoom: false,
      dragging: !hasFinger,
      inertia: !isStill,
      zoomAnimation: !isStill,
      fadeAnimation: !isStill,
      markerZoomAnimation: !isStill,
    });
    if (isStill) map.panBy = (offset) => L.Map.prototype.panBy.call(map, offset, { animate: false });
    L.control.attribution({ prefix: false }).addAttribution(ATTRIBUTION).addTo(map);
    L.control.zoom({ position: "bottomleft", zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
    for (const [pane, level] of [["ground", 250], ["context", 300], ["place", 350], ["coverage", 400], ["label", 500]]) {
      map.createPane(pane).style.zIndex = level;
    }
    this.#container.addEventListener("focusin", () => {
      this.#isEntered = true;
      map.scrollWheelZoom.enable();
      map.dragging.enable();
    });
    this.#container.addEventListener("focusout", ({ relatedTarget }) => {
      if (this.#container.contains(relatedTarget)) return;
      map.scrollWheelZoom.disable();
      if (hasFinger) map.dragging.disable();
    });
    this.#container.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") map.closePopup();
    });
    map.on("popupopen", ({ popup }) => {
      popup.getElement().querySelector(".leaflet-popup-close-button").setAttribute("aria-label", "Fermer");
    });
    // A popup opened from the keyboard leads back to its marker.
    map.on("popupclose", () => {
      const from = this.#openedFrom;
      this.#openedFrom = null;
      if (from?.isConnected) from.focus({ preventScroll: true });
    });
    return map;
  }

  /** The first view: the commune and the operators nearby, or all there is; first without the outlines. */
  #frame() {
    const { place } = this.#data;
    const near = L.latLngBounds([]).extend(this.#outlined);
    if (place) near.extend([place.latitude, place.longitude]);
    for (const operator of this.#placed) {
      if (!place || !isFar(place, operator)) near.extend([operator.latitude, operator.longitude]);
    }
    if (!near.isValid()) near.extend([41.2, -5.6]).extend([51.2, 9.8]); // metropolitan France, until an outline comes
    this.#map.fitBounds(near, { ...CLEAR, animate: false, maxZoom: 11 });
  }

  async #drawOutlines() {
    const { place, ground, context = [], coverage = [] } = this.#data;
    const c = this.#colours;
    this.#draw(ground, "ground", { color: c.line, weight: 1, fillColor: c.paper, fillOpacity: 1 });
    const around = context.map((url) =>
      this.#draw(url, "context", { color: c["line-strong"], weight: 1, fillColor: c.paper, fillOpacity: 1 }),
    );
    const own = this.#draw(place?.outline, "place", {
      color: c.pine,
      weight: 2,
      fillColor: c.pine,
      fillOpacity: 0.14,
    });
    const covered = coverage.map(({ outline, excluded }) =>
      this.#draw(outline, "coverage", excluded ? this.#exclusionStyle() : this.#coverageStyle()),
    );
    if (place) this.#labelPlace(place, await own);
    const wanted = (await Promise.all([own, ...covered])).filter(Boolean);
    await Promise.all(around);
    for (const layer of wanted) this.#outlined.extend(layer.getBounds());
    if (!this.#isEntered) this.#frame();
  }

  /** Layer of the outline at this address, or null. */
  async #draw(url, pane, style) {
    const feature = await fetchOutline(url);
    if (!feature) return null;
    return L.geoJSON(feature, { pane, style, interactive: false }).addTo(this.#map);
  }

  #coverageStyle() {
    return { color: this.#colours.creation, weight: 2.5, dashArray: "7 5", fillOpacity: 0.07 };
  }

  #exclusionStyle() {
    const { ink, stone } = this.#colours;
    return { color: ink, weight: 1.5, dashArray: "1 5", fillColor: stone, fillOpacity: 0.85 };
  }

  /** The commune's name above its outline: at its centre there may be operators. */
  #labelPlace({ name, latitude, longitude }, outline) {
    const icon = L.divIcon({ html: drawLabel(name, this.#colours), className: "", iconSize: [1, 1] });
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
    const drawing = drawMarker(isGroup ? String(operators.length) : operators[0].letter, isGroup, this.#colours);
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
    marker.bindPopup(() => presentGroup(operators), {
      maxHeight: Math.max(100, room.y - 110),
      minWidth: 150,
      maxWidth: Math.min(260, room.x - ZOOM_BUTTONS - 60),
      autoPanPaddingTopLeft: [ZOOM_BUTTONS, 8],
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
      this.#openedFrom = element;
      const popup = marker.getPopup().getElement();
      popup?.querySelector(".leaflet-popup-content a")?.focus();
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
    this.#pointTimer = setTimeout(() => this.#light(), BEFORE_OUTLINE);
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
    this.#say(operator);
    this.#paint();
    if (!operator) return;
    const feature = await fetchOutline(operator.coverage);
    if (!feature || this.#lit !== slug) return;
    this.#coverage = L.geoJSON(feature, { pane: "coverage", style: this.#coverageStyle(), interactive: false });
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

  // --- Words under the map ---

  #explain() {
    const caption = this.#container.closest("figure")?.querySelector("figcaption");
    if (!caption) return;
    const lines = [];
    if (this.#data.markers.some(({ coverage_label: label }) => label)) {
      this.#words = makeElement("p", "");
      lines.push(this.#words);
      this.#say(null);
    }
    const kinds = new Map(this.#placed.map(({ letter, kind }) => [letter, kind]));
    if (kinds.size > 1) {
      const key = [...kinds].sort(([a], [b]) => a.localeCompare(b)).map(([letter, kind]) => `${letter}\u00a0:\u00a0${kind}`);
      lines.push(makeElement("p", "", key.join(" · ")));
    }
    const { place, unplaced } = this.#data;
    const sentences = place ? [sayFar(this.#placed.filter((one) => isFar(place, one)).length), sayUnplaced(unplaced)] : [];
    if (sentences.some(Boolean)) lines.push(makeElement("p", "", sentences.filter(Boolean).join(" ")));
    caption.prepend(...lines);
  }

  #say(operator) {
    if (!this.#words) return;
    if (operator) {
      this.#words.replaceChildren(makeElement("b", "", operator.name), ` · ${operator.coverage_label}`);
    } else {
      this.#words.textContent = "Choisissez une structure, ici ou dans la liste, pour voir sa zone d’intervention.";
    }
  }
}

function isFar(place, operator) {
  const from = L.latLng(place.latitude, place.longitude);
  return from.distanceTo([operator.latitude, operator.longitude]) > NEARBY;
}

function sayFar(count) {
  if (!count) return "";
  const who = count === 1 ? "1\u00a0structure est" : `${count}\u00a0structures sont`;
  return `${who} à plus de ${NEARBY / 1000}\u00a0km\u00a0: réduisez la carte pour les voir.`;
}

function sayUnplaced(count) {
  if (!count) return "";
  return count === 1
    ? "1\u00a0structure dont l’adresse n’est pas connue n’est que dans la liste."
    : `${count}\u00a0structures dont l’adresse n’est pas connue ne sont que dans la liste.`;
}

function start(container) {
  const placeholder = container.querySelector("[data-map-placeholder]");
  try {
    const data = JSON.parse(document.getElementById(container.dataset.source).textContent);
    if (!PathwayMap.hasSomething(data)) {
      if (placeholder) placeholder.textContent = "Rien dont la position soit connue\u00a0: la liste ci-dessous dit tout.";
      return;
    }
    placeholder?.remove();
    new PathwayMap(container, data);
  } catch (error) {
    console.warn("La carte n’a pas pu s’afficher.", error);
    const message = placeholder ?? makeElement("p", "");
    message.textContent = "La carte n’a pas pu s’afficher. La liste ci-dessous dit la même chose.";
    container.replaceChildren(message);
  }
}

for (const container of document.querySelectorAll("[data-pathway-map]")) start(container);
