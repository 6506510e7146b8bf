// The map of a search: the operators that the list of the same page tells of, on our own outlines.
//
// Needs Leaflet's global L with Leaflet.markercluster (deferred classic scripts placed before this module). Hooks:
//   [data-explore-map][data-source=<id of the JSON, see views/map.py:map_settings>] holds [data-map], [data-map-placeholder],
//   [data-map-zone], [data-map-territory], [data-map-goto], [data-map-words] and [data-map-visit];
//   [data-operator-slug] on whatever tells of an operator elsewhere on the page: pointing at it shows its zone and its marker.
// The search is in the address: a change of the map is a change of the address, followed by htmx where it runs.

const L = window.L;

const CLUSTER_RADIUS = 60; // px: two markers closer than this become one count
const MARKER = 28; // px
const AT_A_TIME = 1000; // markers made between two breaths
const DRAWN_AT_A_TIME = 6; // outlines
const CHUNK = 12; // ms of work at a time while markers are gathered, so that a slow phone still scrolls
const BEFORE_ZONE = 150; // ms of pointing; a pointer that only passes asks for nothing
const BEFORE_NAMES = 120; // ms after a move: the next one may follow
const CLOSER = 9; // zoom from which EPCI and Pays are drawn
const NAMED = 10; // zoom from which communes are named
const WIDEST = 5;
const CLOSEST = 14; // our outlines are simplified to about 200 m
const MOST_AT_ONCE = 9; // départements looked at closer in one view
const MOST_LABELS = 40;
const COUNTED = new Intl.NumberFormat("fr");
const ATTRIBUTION = "© Etalab, découpage administratif";
const METROPOLE = [[41.2, -5.3], [51.2, 9.7]];
const PLACES = {
  "France métropolitaine": METROPOLE,
  Guadeloupe: [[15.8, -61.9], [16.6, -60.9]],
  Martinique: [[14.3, -61.3], [14.9, -60.8]],
  Guyane: [[2.1, -54.7], [5.8, -51.5]],
  "La Réunion": [[-21.4, 55.2], [-20.8, 55.9]],
  Mayotte: [[-13.05, 45.0], [-12.6, 45.35]],
};

const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
const hasFinger = matchMedia("(pointer: coarse)").matches;

const kept = new Map();

/** JSON at this address, asked for once; null when it cannot be had. */
function fetchJson(url) {
  if (!url) return Promise.resolve(null);
  if (!kept.has(url)) {
    const answer = fetch(url, { credentials: "omit" })
      .then((response) => (response.ok ? response.json() : null))
      .catch(() => null);
    kept.set(url, answer);
    answer.then((value) => value === null && kept.delete(url));
  }
  return kept.get(url);
}

function makeElement(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function countOf(number) {
  return `${COUNTED.format(number)}\u00a0${number > 1 ? "structures" : "structure"}`;
}

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

// --- Geometry of outlines ---

function ringsOf({ type, coordinates }) {
  return type === "Polygon" ? coordinates : coordinates.flat();
}

/** Whether the point is in the outline: an odd number of its sides are crossed on the way out. */
function isInside(geometry, { lat, lng }) {
  let inside = false;
  for (const ring of ringsOf(geometry)) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [x, y] = ring[i];
      const [u, v] = ring[j];
      if (y > lat !== v > lat && lng < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
    }
  }
  return inside;
}

/** Middle and extent of the longest ring: where the name of a territory stands. */
function middleOf(geometry) {
  const longest = ringsOf(geometry).reduce((best, ring) => (ring.length > best.length ? ring : best), []);
  const bounds = L.latLngBounds(longest.map(([lng, lat]) => [lat, lng]));
  return { at: bounds.getCenter(), bounds };
}

// --- Markers: a shape for the reach (css/explore-map.css draws it), a letter for the kind ---

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

const OperatorMarker = L.Marker.extend({
  onAdd(map) {
    L.Marker.prototype.onAdd.call(this, map);
    this.getElement().setAttribute("aria-label", this.options.words());
  },
});

class ExploreMap {
  #root;
  #settings;
  #map;
  #groups;
  #markers = new Map(); // primary key -> marker
  #ground = null;
  #closer = L.layerGroup();
  #closerKeys = new Map(); // "epci:…" -> its layer, drawn while it is in view
  #looked = new Map(); // code of a département -> its communes
  #zone = L.layerGroup(); // the zone of the operator in focus
  #asked = null; // outline of the territory searched
  #wanted = null; // key of the operator in focus
  #timer = 0;
  #calm = 0;
  #lit = null;
  #search = null; // the query string that is shown
  #data = null; // the points of that search
  #trouble = ""; // why there are none
  #isMoving = false; // whether the map moves by itself
  #reopen = null;

  constructor(root, settings) {
    this.#root = root;
    this.#settings = settings;
    this.#map = this.#makeMap();
    this.#groups = this.#makeGroups();
    this.#zone.addTo(this.#map);
    this.#closer.addTo(this.#map);
    this.#offerPlaces();
    this.#followThePage();
    this.#drawGround();
    this.refresh();
  }

  #hook(name) {
    return this.#root.querySelector(`[data-map-${name}]`);
  }

  #makeMap() {
    const container = this.#root.querySelector("[data-map]");
    const map = L.map(container, {
      attributionControl: false,
      zoomControl: false,
      minZoom: WIDEST,
      maxZoom: CLOSEST,
      zoomSnap: 0.5,
      scrollWheelZoom: false,
      dragging: !hasFinger,
      inertia: !isStill,
      zoomAnimation: !isStill,
      fadeAnimation: !isStill,
      markerZoomAnimation: !isStill,
      renderer: L.svg({ padding: 0.3 }),
    });
    if (isStill) map.panBy = (offset) => L.Map.prototype.panBy.call(map, offset, { animate: false });
    const { tiles, tiles_attribution: source } = this.#settings;
    L.control.attribution({ prefix: false }).addAttribution(ATTRIBUTION).addTo(map);
    L.control.zoom({ position: "bottomleft", zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
    for (const [pane, level] of [["ground", 250], ["closer", 300], ["asked", 340], ["zone", 380], ["names", 450]]) {
      map.createPane(pane).style.zIndex = level;
    }
    map.getPane("names").classList.add("map-names", "leaflet-zoom-hide");
    map.getPane("names").setAttribute("aria-hidden", "true");
    if (tiles) L.tileLayer(tiles, { attribution: source, maxZoom: CLOSEST }).addTo(map);
    map.fitBounds(METROPOLE, { animate: false });
    // The page scrolls under wheel and finger until someone enters the map.
    container.addEventListener("focusin", () => {
      map.scrollWheelZoom.enable();
      map.dragging.enable();
    });
    container.addEventListener("focusout", ({ relatedTarget }) => {
      if (container.contains(relatedTarget)) return;
      map.scrollWheelZoom.disable();
      if (hasFinger) map.dragging.disable();
    });
    container.addEventListener("keydown", (event) => this.#onKey(event));
    map.on("popupopen", ({ popup }) => {
      popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", "Fermer");
    });
    map.on("popupclose", () => {
      const from = this.#reopen;
      this.#reopen = null;
      this.#show(null);
      if (from?.isConnected) from.focus({ preventScroll: true });
    });
    map.on("moveend", () => this.#onMove());
    return map;
  }

  #makeGroups() {
    const groups = L.markerClusterGroup({
      maxClusterRadius: CLUSTER_RADIUS,
      iconCreateFunction: clusterIcon,
      chunkedLoading: true,
      chunkInterval: CHUNK,
      chunkDelay: 0,
      animate: !isStill,
      showCoverageOnHover: false,
      spiderLegPolylineOptions: { weight: 1.5, color: this.#colour("ink"), opacity: 1 },
    });
    groups.on("click", ({ layer, originalEvent }) => this.#open(layer, !originalEvent?.isTrusted));
    groups.on("mouseover", ({ layer }) => this.#point(layer.options.id));
    groups.on("mouseout", () => this.#point(null));
    groups.on("animationend spiderfied unspiderfied", () => this.#light());
    return groups.addTo(this.#map);
  }

  #colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  /** Enter and Space do what a click does; the focus stays on the map when the marker goes. */
  #onKey(event) {
    if (event.key === "Escape") this.#map.closePopup();
    const marker = event.target.closest?.(".pin, .cluster-icon");
    if (!marker || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    if (marker.classList.contains("pin")) this.#reopen = marker;
    else {
      this.#map.once("zoomend", () => {
        if (!marker.isConnected || document.activeElement === document.body) this.#map.getContainer().focus();
      });
    }
    marker.click();
  }

  // --- The search ---

  /** Follow the address: other operators, another territory. */
  async refresh() {
    const query = new URLSearchParams(location.search);
    for (const name of ["page", "lieu", "ordre"]) query.delete(name);
    const search = query.toString();
    if (search === this.#search) {
      if (this.#data) this.#listUnplaced(this.#data);
      return;
    }
    const isFirst = this.#search === null;
    this.#search = search;
    this.#hook("zone").hidden = true;
    this.#root.setAttribute("aria-busy", "true");
    this.#data = null;
    const isRefused = document.querySelector("[data-map-refused]") !== null;
    const data = isRefused ? null : await fetchJson(this.#settings.points + (search && `?${search}`));
    if (search !== this.#search) return;
    this.#root.removeAttribute("aria-busy");
    if (!data) {
      this.#groups.clearLayers();
      this.#markers.clear();
      this.#trouble = isRefused
        ? "Rien n’a été cherché\u00a0: un filtre n’a pas été compris."
        : "La carte n’a pas pu suivre. La liste, elle, est à jour.";
      this.#say("");
      return;
    }
    this.#data = data;
    this.#trouble = "";
    this.#map.closePopup();
    await this.#place(data, () => search === this.#search);
    if (search !== this.#search) return;
    const outline = await fetchJson(data.territory?.outline);
    if (search !== this.#search) return;
    this.#outlineAsked(outline);
    // A zone was drawn by the view: the view stays as it is.
    if (isFirst || !query.has("zone")) this.#frame(data, query.get("zone"));
    this.#say("");
  }

  /** Make the markers, a few at a time; `isWanted` says whether another search has come meanwhile. */
  async #place(data, isWanted) {
    this.#markers.clear();
    this.#groups.clearLayers();
    const scale = 10 ** data.decimals;
    const made = [];
    let id = 0;
    for (let index = 0; index < data.id.length; index += 1) {
      if (index % AT_A_TIME === AT_A_TIME - 1) {
        await new Promise((resume) => setTimeout(resume));
        if (!isWanted()) return;
      }
      id += data.id[index];
      const [letter, kind] = data.kinds[data.kind[index]];
      const level = data.level[index];
      const name = data.name[index];
      const words = () => `${name}, ${kind}, portée ${data.levels[level].toLowerCase()}`;
      const position = L.latLng(data.lat[index] / scale, data.lon[index] / scale);
      const marker = new OperatorMarker(position, { icon: iconOf(letter, level), id, name, kind, words });
      this.#markers.set(id, marker);
      made.push(marker);
    }
    this.#groups.addLayers(made);
    this.#listUnplaced(data);
    this.#root.dataset.placed = String(made.length);
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
        const link = makeElement("a", "", name);
        link.href = this.#settings.operator.replace("SLUG", slug);
        const line = makeElement("li", "", link);
        line.dataset.operatorSlug = slug;
        list.append(line);
      }
      document.querySelector("[data-map-unplaced-others]")?.remove();
    };
    const details = list.closest("details");
    if (!details || details.open) fill();
    else details.addEventListener("toggle", fill, { once: true });
  }

  #outlineAsked(outline) {
    this.#asked?.remove();
    this.#asked = outline
      ? L.geoJSON(outline, { pane: "asked", interactive: false, style: { className: "outline outline--asked" } }).addTo(this.#map)
      : null;
  }

  /** The zone asked for, else the territory, else the operators, those of metropolitan France first. */
  #frame(data, zone) {
    const [south, west, north, east] = (zone ?? "").split(",").map(Number);
    const scale = 10 ** data.decimals;
    let bounds = L.latLngBounds(METROPOLE);
    const all = data.lat.map((lat, index) => L.latLng(lat / scale, data.lon[index] / scale));
    const near = all.filter((point) => bounds.contains(point));
    const points = near.length ? near : all;
    if (zone && [south, west, north, east].every(Number.isFinite)) bounds = L.latLngBounds([south, west], [north, east]);
    else if (this.#asked) {
      bounds = this.#asked.getBounds();
      // Whoever serves a territory may sit elsewhere: a map that shows nobody would not say so.
      if (!points.some((point) => bounds.contains(point))) bounds.extend(L.latLngBounds(points.slice(0, 500)));
    } else if (points.length && points.length < 500) bounds = L.latLngBounds(points);
    this.#moveTo(bounds);
  }

  #moveTo(bounds) {
    this.#isMoving = true;
    this.#map.fitBounds(bounds, { animate: false, maxZoom: 11, padding: [24, 24] });
    this.#isMoving = false;
  }

  /** Go to the address of another search: by htmx where it runs, else as a plain link. */
  #visit(address) {
    const link = makeElement("a", "");
    link.href = address;
    this.#hook("visit").replaceChildren(link);
    window.htmx?.process(link);
    link.click();
  }

  // --- The ground ---

  async #drawGround() {
    const departements = await fetchJson(this.#settings.ground);
    if (!departements) return;
    for (const { properties } of departements.features) properties.key = `departement:${properties.code}`;
    this.#ground = this.#drawTerritories(departements, "ground", "outline outline--ground").addTo(this.#map);
    this.#root.dataset.ready = "";
    this.#follow();
  }

  /** Outlines that filter on their territory when clicked. */
  #drawTerritories(features, pane, className) {
    return L.geoJSON(features, {
      pane,
      style: ({ properties }) => ({
        className: `${className}${properties.key.startsWith("pays:") ? " outline--pays" : ""}`,
      }),
      onEachFeature: ({ properties, geometry }, layer) => {
        properties.middle = middleOf(geometry);
        layer.on("click", () => this.#searchIn(properties));
        layer.bindTooltip(`${properties.name}\u00a0: chercher ici`, { sticky: true, direction: "top" });
      },
    });
  }

  #searchIn({ key }) {
    this.#visit(addressWith({ territoire: key, zone: null, portee: null }));
  }

  /** EPCI and Pays of the départements in view; the outlines that left it are taken off again. */
  async #lookCloser() {
    const isClose = this.#map.getZoom() >= CLOSER;
    this.#root.classList.toggle("is-close", isClose);
    const view = this.#map.getBounds();
    if (isClose) {
      const seen = this.#ground
        .getLayers()
        .filter((layer) => view.intersects(layer.getBounds()))
        .sort((a, b) => distance(view, a) - distance(view, b))
        .slice(0, MOST_AT_ONCE)
        .map((layer) => layer.feature.properties.code)
        .filter((code) => !this.#looked.has(code));
      await Promise.all(seen.map((code) => this.#learn(code)));
      if (seen.length) this.#name();
    }
    let drawn = 0;
    for (const layer of this.#closerKeys.values()) {
      const isSeen = isClose && view.intersects(layer.getBounds());
      if (!isSeen) this.#closer.removeLayer(layer);
      else if (!this.#closer.hasLayer(layer)) {
        this.#closer.addLayer(layer);
        drawn += 1;
        if (drawn % DRAWN_AT_A_TIME === 0) await new Promise((resume) => setTimeout(resume));
      }
    }
  }

  async #learn(code) {
    this.#looked.set(code, null);
    const found = await fetchJson(this.#settings.outlines.replace("CODE", code));
    if (!found) {
      this.#looked.delete(code);
      return;
    }
    this.#looked.set(code, found.communes);
    // One on a border comes with both of its départements.
    const features = found.territories.features.filter(({ properties }) => !this.#closerKeys.has(properties.key));
    const layers = this.#drawTerritories({ type: "FeatureCollection", features }, "closer", "outline outline--closer");
    layers.eachLayer((layer) => this.#closerKeys.set(layer.feature.properties.key, layer));
  }

  /** Names where there is room: départements far away, EPCI closer, then communes, the largest first. */
  #name() {
    const labels = document.createDocumentFragment();
    this.#findNames(labels);
    this.#map.getPane("names").replaceChildren(labels);
  }

  #findNames(labels) {
    if (!this.#ground) return;
    const zoom = this.#map.getZoom();
    const view = this.#map.getBounds();
    const taken = [];
    let count = 0;
    const put = (name, at, className, room) => {
      if (count >= MOST_LABELS || !view.contains(at)) return;
      const { x, y } = this.#map.latLngToContainerPoint(at);
      const half = name.length * 3.6 + 4;
      if (half * 2 > room) return;
      const box = [x - half, y - 9, x + half, y + 9];
      if (taken.some(([a, b, c, d]) => box[0] < c && box[2] > a && box[1] < d && box[3] > b)) return;
      taken.push(box);
      count += 1;
      const label = makeElement("span", `map-name ${className}`, name);
      L.DomUtil.setPosition(label, this.#map.latLngToLayerPoint(at));
      labels.append(label);
    };
    const width = ({ bounds }) =>
      this.#map.latLngToContainerPoint(bounds.getNorthEast()).x - this.#map.latLngToContainerPoint(bounds.getSouthWest()).x;
    const nameTerritory = (layer, className) => {
      const { name, middle } = layer.feature.properties;
      put(name, middle.at, className, width(middle));
    };
    if (zoom < CLOSER) {
      if (zoom >= 7) this.#ground.eachLayer((layer) => nameTerritory(layer, ""));
      return;
    }
    if (zoom < NAMED + 1) {
      for (const layer of this.#closerKeys.values()) nameTerritory(layer, "map-name--territory");
    }
    if (zoom < NAMED) return;
    for (const communes of this.#looked.values()) {
      if (!communes) continue;
      const { name, lat, lon, decimals } = communes;
      const scale = 10 ** decimals;
      for (let index = 0; index < name.length && count < MOST_LABELS; index += 1) {
        put(name[index], L.latLng(lat[index] / scale, lon[index] / scale), "map-name--commune", Infinity);
      }
    }
  }

  /** The narrowest territory drawn under the middle of the map: what a keyboard can filter on. */
  #atCentre() {
    const centre = this.#map.getCenter();
    const layers = this.#map.getZoom() >= CLOSER ? [...this.#closerKeys.values()] : [];
    if (this.#ground) layers.push(...this.#ground.getLayers());
    return layers.find((layer) => layer.getBounds().contains(centre) && isInside(layer.feature.geometry, centre))?.feature
      .properties;
  }

  // --- The view ---

  /** What depends on the view: names, closer outlines, what is at its centre and what is outside of it. */
  #follow() {
    this.#light();
    if (this.#wanted === null) this.#say("");
    if (!this.#ground) return;
    this.#name();
    this.#lookCloser().then(() => this.#offerTerritory());
  }

  #onMove() {
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => this.#follow(), BEFORE_NAMES);
    if (this.#isMoving || this.#search === null) return;
    const bounds = this.#map.getBounds();
    const inWorld = (degrees, most) => Math.max(-most, Math.min(most, degrees)).toFixed(3);
    const zone = [
      inWorld(bounds.getSouth(), 90), inWorld(bounds.getWest(), 180), inWorld(bounds.getNorth(), 90), inWorld(bounds.getEast(), 180),
    ].join(",");
    const link = this.#hook("zone");
    link.href = addressWith({ zone });
    link.hidden = false;
  }

  #offerTerritory() {
    const link = this.#hook("territory");
    const found = this.#atCentre();
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

  // --- What is in focus ---

  #followThePage() {
    const slugOf = ({ target }) => target.closest?.("[data-operator-slug]")?.dataset.operatorSlug ?? null;
    const isOurs = ({ target }) => this.#root.contains(target);
    for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
      document.addEventListener(enter, (event) => slugOf(event) && this.#point(slugOf(event)));
      document.addEventListener(leave, (event) => slugOf(event) && !isOurs(event) && this.#point(null));
    }
    this.#map.getContainer().addEventListener("focusin", ({ target }) => {
      const marker = [...this.#visibleMarkers()].find((one) => one.getElement() === target);
      if (marker) this.#point(marker.options.id);
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

  *#visibleMarkers() {
    for (const marker of this.#markers.values()) if (marker.getElement()) yield marker;
  }

  /** Show an operator, by primary key or slug, if the pointer stays; null shows none. */
  #point(key) {
    clearTimeout(this.#timer);
    if (key === null && this.#map._popup?.isOpen()) return;
    this.#timer = setTimeout(() => this.#show(key), BEFORE_ZONE);
  }

  #fetchCard(key) {
    const { card_by_id: byId, card_by_slug: bySlug } = this.#settings;
    return fetchJson(typeof key === "number" ? byId.replace("0.json", `${key}.json`) : bySlug.replace("SLUG", key));
  }

  async #show(key) {
    if (key === this.#wanted) return;
    this.#wanted = key;
    this.#lit = typeof key === "number" ? key : null;
    this.#light();
    this.#zone.clearLayers();
    this.#root.classList.remove("covers-country");
    if (key === null) {
      this.#say("");
      return;
    }
    const card = await this.#fetchCard(key);
    if (!card || key !== this.#wanted) return;
    this.#lit = card.id;
    this.#light();
    this.#say(`${card.name}. ${zoneInWords(card)}.${this.#markers.has(card.id) ? "" : " Sans adresse connue."}`);
    this.#root.classList.toggle("covers-country", card.coverage.some(({ country, excluded }) => country && !excluded));
    for (const { outline, excluded } of card.coverage) {
      const feature = await fetchJson(outline);
      if (key !== this.#wanted) return;
      if (!feature) continue;
      const className = `outline outline--zone${excluded ? " outline--excluded" : ""}`;
      L.geoJSON(feature, { pane: "zone", interactive: false, style: { className } }).addTo(this.#zone);
    }
  }

  /** Light the marker, or the count it is in. */
  #light() {
    for (const element of this.#map.getPane("markerPane").querySelectorAll(".is-lit")) element.classList.remove("is-lit");
    const marker = this.#markers.get(this.#lit);
    if (!marker) return;
    this.#groups.getVisibleParent(marker)?.getElement()?.classList.add("is-lit");
  }

  async #open(marker, isByKey) {
    const { id, name, kind } = marker.options;
    const content = makeElement("div", "map-card", makeElement("b", "", name), makeElement("p", "", kind));
    const room = this.#map.getSize();
    const popup = L.popup({
      offset: [0, -MARKER / 4],
      minWidth: 200,
      maxWidth: Math.min(320, room.x - 60),
      maxHeight: Math.max(120, room.y - 90),
      autoPanPadding: [12, 12],
    });
    const from = this.#reopen;
    popup.setLatLng(marker.getLatLng()).setContent(content).openOn(this.#map);
    this.#reopen = from;
    this.#show(id);
    const card = await this.#fetchCard(id);
    if (!card || !popup.isOpen()) return;
    content.replaceChildren(...this.#present(card));
    popup.update();
    if (isByKey) content.querySelector("a").focus();
  }

  #present(card) {
    const link = makeElement("a", "", card.name);
    link.href = card.url;
    const title = makeElement("p", "map-card__name", link);
    if (card.is_example) title.append(" ", makeElement("span", "mark mark--example", "Exemple"));
    const parts = [title, makeElement("p", "map-card__kind", [card.kind, card.town].filter(Boolean).join(" · "))];
    if (card.stages.length) {
      parts.push(makeElement("p", "", `Étapes\u00a0: ${card.stages.map(({ name }) => name).join(", ")}`));
    }
    parts.push(makeElement("p", "", `${zoneInWords(card)}.`));
    const line = document.querySelector(`#resultats [data-operator-slug="${CSS.escape(card.slug)}"]`);
    if (line) {
      const down = makeElement("a", "", "Voir dans la liste");
      line.id ||= `ligne-${card.slug}`;
      down.href = `#${line.id}`;
      parts.push(makeElement("p", "", down));
    }
    return parts;
  }

  #say(text) {
    this.#hook("words").textContent = text || this.#trouble || `${this.#sayView()}Pointez une structure, ici ou dans la liste, pour voir où elle intervient.`;
  }

  /** How many there are in view, when it is not all of them. */
  #sayView() {
    if (!this.#markers.size) return "";
    const view = this.#map.getBounds();
    let inside = 0;
    for (const marker of this.#markers.values()) inside += view.contains(marker.getLatLng());
    if (inside === this.#markers.size) return "";
    const elsewhere = COUNTED.format(this.#markers.size - inside);
    return `${countOf(inside)} dans la vue, ${elsewhere} ailleurs\u00a0: réduisez la carte. `;
  }
}

function distance(view, layer) {
  return view.getCenter().distanceTo(layer.getBounds().getCenter());
}

function zoneInWords({ coverage }) {
  if (!coverage.length) return "Zone d’intervention non renseignée";
  const [first, ...others] = coverage.slice(0, 4).map(({ label }) => label);
  const rest = coverage.length > 4 ? [`et ${coverage.length - 4}\u00a0autres territoires`] : [];
  return [first, ...others, ...rest].join(", ");
}

function start(root) {
  const placeholder = root.querySelector("[data-map-placeholder]");
  try {
    const settings = JSON.parse(document.getElementById(root.dataset.source).textContent);
    if (!L?.markerClusterGroup) throw new Error("Leaflet is missing");
    placeholder.remove();
    new ExploreMap(root, settings);
  } catch (error) {
    console.warn("La carte n’a pas pu s’afficher.", error);
    placeholder.textContent = "La carte n’a pas pu s’afficher. La liste dit la même chose.";
    root.querySelector("[data-map]").replaceChildren(placeholder);
  }
}

for (const root of document.querySelectorAll("[data-explore-map]")) start(root);
