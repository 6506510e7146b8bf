// The map of a territory, and that of the way in: our own outlines coloured by class. The tables and lists of the page say the same.
//
// Needs Leaflet's global L (a deferred classic script placed before this module). Hooks are data attributes:
//   [data-territory-map][data-source=<id of the JSON, see directory/territory/page.py>]   one territory and its cells
//   [data-regions-map][data-source=<id of the JSON, see views/territories.py>]           the Régions and their state
//   [data-map-placeholder] inside them; [data-map-words] in the figure: says what is pointed at.
// Shapes are drawn on a canvas: a thousand of them move smoothly on a telephone.

import { dataOf, fetchJson } from "./data.js";
import { colour, makeElement, makeLink } from "./elements.js";
import { makeMap, METROPOLE, startMaps } from "./frame.js";
import { makeFills } from "./patterns.js";

const L = window.L;

const CLOSEST = 13; // zoom: our outlines are simplified to about 200 m
const WIDEST = 4;
const OVER_TILES = 0.75; // opacity of shapes through which a tile shows
const AROUND = 10; // zoom at which a commune has something around it
const MANY = 400; // shapes from which their borders are thin

/** Letter of a class in the payload (directory/territory/cells.py) -> its name. */
const NAMES = { l: "proximite", p: "partie", r: "regionale", n: "nationale", u: "inconnu" };
const STATES = { renseigne: "annuaire renseigné", en_cours: "annuaire en cours", pas_encore: "pas encore d’annuaire" };

function makeTerritoryMap(container, tiles) {
  const map = makeMap(container, {
    panes: { ground: 250, outline: 450 },
    tiles,
    minZoom: WIDEST,
    maxZoom: CLOSEST,
    zoomSnap: 0.25,
    preferCanvas: true,
  });
  for (const pane of ["ground", "outline"]) map.getPane(pane).style.pointerEvents = "none"; // a canvas takes every click
  return map.fitBounds(METROPOLE, { animate: false });
}

function drawLine(map, feature, pane, style) {
  if (!feature) return null;
  return L.geoJSON(feature, { pane, interactive: false, renderer: L.canvas({ pane }), style }).addTo(map);
}

/** Coloured shapes that say what they are when pointed at, and lead to their page when chosen. */
function drawCells(map, collection, { tiles, nameOf, sayOf }) {
  const words = map.getContainer().closest("figure")?.querySelector("[data-map-words]");
  const fills = makeFills();
  const weight = collection.features.length > MANY ? 0.5 : 1;
  const rest = { color: colour("paper"), weight, fillOpacity: tiles ? OVER_TILES : 1 };
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
  });
  return layer.addTo(map);
}

function present({ nom, url }, words) {
  return makeElement("div", "", makeElement("b", "", makeLink(url, nom)), document.createElement("br"), words);
}

async function startTerritory(container) {
  const data = dataOf(container);
  const [outline, cells] = await Promise.all([fetchJson(data.outline), fetchJson(data.cells)]);
  if ((data.outline && !outline) || (data.cells && !cells)) throw new Error("No answer");
  const hasCells = cells?.features.length > 0;
  if (!outline && !hasCells && data.latitude == null) {
    return "Nous n’avons pas de contour pour ce territoire\u00a0: les listes disent tout.";
  }
  const map = makeTerritoryMap(container, data.tiles);
  const nameOf = ({ c }) => NAMES[c[data.position]] ?? c[data.position];
  const sayOf = (properties) => (data.labels[nameOf(properties)] ?? "").toLowerCase();
  const layer = hasCells ? drawCells(map, cells, { tiles: data.tiles, nameOf, sayOf }) : null;
  const own = drawLine(map, outline, "outline", {
    color: colour("ink"),
    weight: 2,
    fillColor: colour("pine"),
    fillOpacity: hasCells ? 0 : 0.2,
  });
  const shown = own ?? layer;
  const maxZoom = hasCells ? CLOSEST : AROUND;
  if (shown) map.fitBounds(shown.getBounds(), { animate: false, padding: [12, 12], maxZoom });
  else map.setView([data.latitude, data.longitude], 9, { animate: false });
  const ground = await fetchJson(data.ground);
  const mist = { fillColor: colour("mist"), fillOpacity: data.tiles ? 0 : 1 };
  drawLine(map, ground, "ground", { color: colour("line"), weight: 1, ...mist });
  return "";
}

async function startRegions(container) {
  const { regions: address, tiles } = dataOf(container);
  const regions = await fetchJson(address);
  if (!regions?.features.length) return "La carte n’a pas pu s’afficher. La liste dit la même chose.";
  const map = makeTerritoryMap(container, tiles);
  drawCells(map, regions, { tiles, nameOf: ({ etat }) => etat, sayOf: ({ etat }) => STATES[etat] });
  return "";
}

const SORRY = "Les tableaux et les listes disent la même chose.";
startMaps("[data-territory-map]", startTerritory, SORRY);
startMaps("[data-regions-map]", startRegions, SORRY);
