// The map of a territory, and that of the way in: our own outlines coloured by class. The tables and lists of the page say the same.
//
// Needs Leaflet's global L (a deferred classic script placed before this module). Hooks are data attributes:
//   [data-territory-map][data-source=<id of the JSON, see directory/territory/page.py>]   one territory and its cells
//   [data-regions-map][data-url=<GeoJSON>]                                               the Régions and their state
//   [data-map-placeholder] inside them; [data-map-words] in the figure: says what is pointed at.
// Each class is a pattern as well as a colour; css/territories.css draws the same in the legend. Shapes are drawn on a
// canvas: a thousand of them move smoothly on a telephone.

const L = window.L;

const CLOSEST = 13; // zoom: our outlines are simplified to about 200 m
const WIDEST = 4;
const FRANCE = [
  [41.2, -5.2],
  [51.2, 9.7],
];
const ATTRIBUTION = "© Etalab, découpage administratif";
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
const hasFinger = matchMedia("(pointer: coarse)").matches;

const tokens = getComputedStyle(document.documentElement);
const colour = (name) => tokens.getPropertyValue(`--${name}`).trim();

/** Letter of a class in the payload (directory/territory/cells.py) -> its name. */
const NAMES = { l: "proximite", p: "partie", r: "regionale", n: "nationale", u: "inconnu" };

// --- Patterns: more ink where more is answered; nobody is hatched, unknown is dotted ---

const TILE = 8;

function pattern(ground, ink, draw) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = TILE;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, TILE, TILE);
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = 1.5;
  draw(pen);
  return pen.createPattern(tile, "repeat");
}

function stroke(pen, ...lines) {
  pen.beginPath();
  for (const [x1, y1, x2, y2] of lines) {
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
}

function dot(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

const rising = (pen) => stroke(pen, [-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6]);

function makeFills() {
  const [pine, tint, paper] = [colour("pine"), colour("pine-tint"), colour("paper")];
  const nobody = pattern(colour("warning-tint"), colour("warning"), rising);
  const some = pattern(tint, pine, (pen) => dot(pen, 4, 4, 1));
  const half = pattern(tint, pine, (pen) => stroke(pen, [0, 4, 8, 4]));
  const most = pattern(tint, pine, (pen) => stroke(pen, [0, 2, 8, 2], [0, 6, 8, 6], [2, 0, 2, 8], [6, 0, 6, 8]));
  const unknown = pattern(paper, colour("line-strong"), (pen) => dot(pen, 2, 2, 0.9));
  return {
    0: nobody,
    1: some,
    2: half,
    3: most,
    4: pine,
    personne: nobody,
    nationale: some,
    regionale: half,
    partie: most,
    proximite: pine,
    inconnu: unknown,
    renseigne: pine,
    en_cours: half,
    pas_encore: unknown,
  };
}

// --- The map ---

function makeMap(container) {
  const map = L.map(container, {
    attributionControl: false,
    zoomControl: false,
    minZoom: WIDEST,
    maxZoom: CLOSEST,
    zoomSnap: 0.25,
    preferCanvas: true,
    // The page scrolls under wheel and finger until someone enters the map.
    scrollWheelZoom: false,
    dragging: !hasFinger,
    inertia: !isStill,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
  });
  L.control.attribution({ prefix: false }).addAttribution(ATTRIBUTION).addTo(map);
  L.control.zoom({ position: "bottomleft", zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
  for (const [pane, level] of [["ground", 250], ["outline", 450]]) {
    map.createPane(pane).style.zIndex = level;
    map.getPane(pane).style.pointerEvents = "none";
  }
  container.addEventListener("focusin", () => {
    map.scrollWheelZoom.enable();
    map.dragging.enable();
  });
  container.addEventListener("focusout", ({ relatedTarget }) => {
    if (container.contains(relatedTarget)) return;
    map.scrollWheelZoom.disable();
    if (hasFinger) map.dragging.disable();
  });
  map.on("popupopen", ({ popup }) => {
    popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", "Fermer");
  });
  map.fitBounds(FRANCE, { animate: false });
  return map;
}

async function read(url) {
  if (!url) return null;
  const response = await fetch(url, { credentials: "omit" });
  return response.ok ? response.json() : null;
}

function drawLine(map, feature, pane, style) {
  if (!feature) return null;
  return L.geoJSON(feature, { pane, interactive: false, renderer: L.canvas({ pane }), style }).addTo(map);
}

/** Coloured shapes that say what they are when pointed at, and lead to their page when chosen. */
function drawCells(map, collection, { nameOf, sayOf, words }) {
  const fills = makeFills();
  const rest = { color: colour("paper"), weight: collection.features.length > 400 ? 0.5 : 1, fillOpacity: 1 };
  const say = (text) => {
    if (words) words.textContent = text;
  };
  const layer = L.geoJSON(collection, {
    style: ({ properties }) => ({ ...rest, fillColor: fills[nameOf(properties)] }),
    onEachFeature: ({ properties }, shape) => {
      shape.on("mouseover", () => {
        shape.setStyle({ color: colour("ink"), weight: 2.5 }).bringToFront();
        say(`${properties.nom}\u00a0: ${sayOf(properties)}.`);
      });
      shape.on("mouseout", () => {
        layer.resetStyle(shape);
        say("");
      });
      shape.bindPopup(() => present(properties, sayOf(properties)), { maxWidth: 240 });
    },
  }).addTo(map);
  return layer;
}

function present({ nom, url }, words) {
  const link = document.createElement("a");
  link.href = url;
  link.textContent = nom;
  const name = document.createElement("b");
  name.append(link);
  const box = document.createElement("div");
  box.append(name, document.createElement("br"), words);
  return box;
}

async function startTerritory(container) {
  const data = JSON.parse(document.getElementById(container.dataset.source).textContent);
  const [outline, cells] = await Promise.all([read(data.outline), read(data.cells)]);
  const hasCells = cells?.features.length > 0;
  if (!outline && !hasCells && data.latitude == null) return "Nous n’avons pas de contour pour ce territoire\u00a0: les listes disent tout.";
  const map = makeMap(container);
  const nameOf = ({ c }) => NAMES[c[data.position]] ?? c[data.position];
  const layer = hasCells
    ? drawCells(map, cells, {
        nameOf,
        sayOf: (properties) => (data.labels[nameOf(properties)] ?? "").toLowerCase(),
        words: container.closest("figure")?.querySelector("[data-map-words]"),
      })
    : null;
  const own = drawLine(map, outline, "outline", {
    color: colour("ink"),
    weight: 2,
    fillColor: colour("pine"),
    fillOpacity: hasCells ? 0 : 0.2,
  });
  const shown = own ?? layer;
  if (shown) map.fitBounds(shown.getBounds(), { animate: false, padding: [12, 12] });
  else map.setView([data.latitude, data.longitude], 9, { animate: false });
  await drawGround(map, data.ground);
  return "";
}

async function drawGround(map, url) {
  const ground = await read(url);
  drawLine(map, ground, "ground", { color: colour("line"), weight: 1, fillColor: colour("mist"), fillOpacity: 1 });
}

const STATES = { renseigne: "annuaire renseigné", en_cours: "annuaire en cours", pas_encore: "pas encore d’annuaire" };

async function startRegions(container) {
  const regions = await read(container.dataset.url);
  if (!regions?.features.length) return "La carte n’a pas pu s’afficher. La liste dit la même chose.";
  const map = makeMap(container);
  drawCells(map, regions, {
    nameOf: ({ etat }) => etat,
    sayOf: ({ etat }) => STATES[etat],
    words: container.closest("figure")?.querySelector("[data-map-words]"),
  });
  return "";
}

/** Runs one map; a sentence takes its place when there is none or it fails. */
async function run(container, start) {
  const placeholder = container.querySelector("[data-map-placeholder]");
  let sentence;
  try {
    sentence = await start(container);
  } catch (error) {
    console.warn("La carte n’a pas pu s’afficher.", error);
    sentence = "La carte n’a pas pu s’afficher. Les tableaux et les listes disent la même chose.";
  }
  if (sentence) placeholder.textContent = sentence;
  else placeholder.remove();
}

for (const container of document.querySelectorAll("[data-territory-map]")) run(container, startTerritory);
for (const container of document.querySelectorAll("[data-regions-map]")) run(container, startRegions);
