// The ground of the map of a search: départements far away, EPCI and Pays closer, and their names.

import { fetchJson } from "./data.js";
import { makeElement } from "./elements.js";
import { isIn, isInside, middleOf } from "./outlines.js";
import { Slice } from "./slices.js";

const L = window.L;

const CLOSER = 9; // zoom from which EPCI and Pays are drawn
const NAMED = 10; // zoom from which communes are named
const MOST_AT_ONCE = 9; // départements looked at closer in one view
const MOST_LABELS = 40;
const AROUND = 0.3; // of the view: outlines there are drawn before the map moves

/** What the panes of a map need for this ground: name -> z-index. */
export const GROUND_PANES = { ground: 250, closer: 300, names: 450 };

export class Ground {
  #map;
  #addresses;
  #onChoose;
  #departements = []; // layers
  #closer = L.layerGroup();
  #closerKeys = new Map(); // "epci:…" -> its layer, drawn while it is in view
  #looked = new Map(); // code of a département -> its communes
  #renderers = {};
  #turn = 0; // a later look at the map overtakes an earlier one

  /** `addresses`: {ground, outlines} of views/map.py; `onChoose(territory)`: an outline was clicked. */
  constructor(map, addresses, onChoose) {
    this.#map = map;
    this.#addresses = addresses;
    this.#onChoose = onChoose;
    for (const pane of ["ground", "closer"]) this.#renderers[pane] = L.svg({ pane, padding: AROUND });
    this.#closer.addTo(map);
    map.getPane("names").classList.add("map-names", "leaflet-zoom-hide");
    map.getPane("names").setAttribute("aria-hidden", "true");
  }

  /** Whether it could be drawn. */
  async draw() {
    const departements = await fetchJson(this.#addresses.ground);
    if (!departements) return false;
    const slice = new Slice();
    const drawn = [];
    for (const feature of departements.features) {
      feature.properties.key = `departement:${feature.properties.code}`;
      drawn.push(this.#makeOutline(feature, "ground").addTo(this.#map));
      if (slice.isOver) await slice.rest();
    }
    this.#departements = drawn;
    return true;
  }

  /** Names and closer outlines of what is in view now. */
  async follow() {
    if (!this.#departements.length) return;
    this.#name();
    await this.#lookCloser();
  }

  /** The narrowest territory drawn under the middle of the map, {key, name}: what a keyboard can filter on. */
  atCentre() {
    const centre = this.#map.getCenter();
    const isHere = (layer) => layer.getBounds().contains(centre) && isInside(layer.feature.geometry, centre);
    const closer = this.#isClose() ? [...this.#closerKeys.values()].filter(isHere) : [];
    const isPays = ({ feature }) => feature.properties.key.startsWith("pays:");
    const layer = closer.find((one) => !isPays(one)) ?? closer[0] ?? this.#departements.find(isHere);
    return layer?.feature.properties;
  }

  #isClose() {
    return this.#map.getZoom() >= CLOSER;
  }

  /** An outline that is chosen when clicked; not on the map yet. */
  #makeOutline(feature, pane) {
    const { properties, geometry } = feature;
    const className = `outline outline--${pane}${properties.key.startsWith("pays:") ? " outline--pays" : ""}`;
    const layer = L.GeoJSON.geometryToLayer(feature, { pane, className, renderer: this.#renderers[pane] });
    layer.feature = feature;
    properties.middle = middleOf(geometry);
    layer.on("click", () => this.#onChoose(properties));
    return layer.bindTooltip(`${properties.name}\u00a0: chercher ici`, { sticky: true, direction: "top" });
  }

  /** EPCI and Pays of the départements in view; the outlines that left it are taken off again. */
  async #lookCloser() {
    this.#turn += 1;
    const turn = this.#turn;
    const isClose = this.#isClose();
    this.#map.getContainer().classList.toggle("is-close", isClose);
    const view = this.#map.getBounds();
    if (isClose) {
      const seen = this.#departements
        .filter((layer) => view.intersects(layer.getBounds()) && isIn(view, layer.feature.geometry))
        .sort((a, b) => distance(view, a) - distance(view, b))
        .slice(0, MOST_AT_ONCE)
        .map((layer) => layer.feature.properties.code)
        .filter((code) => !this.#looked.has(code));
      await Promise.all(seen.map((code) => this.#learn(code)));
      if (turn !== this.#turn) return;
      if (seen.length) this.#name();
    }
    const slice = new Slice();
    for (const layer of this.#closerKeys.values()) {
      const isSeen = isClose && view.intersects(layer.getBounds());
      if (!isSeen) this.#closer.removeLayer(layer);
      else if (!this.#closer.hasLayer(layer)) {
        this.#closer.addLayer(layer);
        if (slice.isOver) await slice.rest();
        if (turn !== this.#turn) return;
      }
    }
  }

  async #learn(code) {
    this.#looked.set(code, null);
    const found = await fetchJson(this.#addresses.outlines.replace("CODE", code));
    if (!found) {
      this.#looked.delete(code);
      return;
    }
    this.#looked.set(code, found.communes);
    const slice = new Slice();
    for (const feature of found.territories.features) {
      const { key } = feature.properties;
      // One on a border comes with both of its départements.
      if (!this.#closerKeys.has(key)) this.#closerKeys.set(key, this.#makeOutline(feature, "closer"));
      if (slice.isOver) await slice.rest();
    }
  }

  /** Names where there is room: départements far away, EPCI closer, then communes, the largest first. */
  #name() {
    const labels = new Labels(this.#map);
    const zoom = this.#map.getZoom();
    if (zoom >= 7 && zoom < CLOSER) for (const layer of this.#departements) labels.nameTerritory(layer, "");
    if (zoom >= CLOSER && zoom < NAMED + 1) {
      for (const layer of this.#closerKeys.values()) labels.nameTerritory(layer, "map-name--territory");
    }
    if (zoom >= NAMED) for (const communes of this.#looked.values()) if (communes) labels.nameCommunes(communes);
    labels.show();
  }
}

/** Names that stand clear of one another, the first ones first. */
class Labels {
  #map;
  #view;
  #taken = [];
  #made = document.createDocumentFragment();

  constructor(map) {
    this.#map = map;
    this.#view = map.getBounds();
  }

  /** Its name in its middle, if its outline is wide enough for it. */
  nameTerritory(layer, className) {
    const { name, middle } = layer.feature.properties;
    const pixels = (point) => this.#map.latLngToContainerPoint(point).x;
    this.#put(name, middle.at, className, pixels(middle.bounds.getNorthEast()) - pixels(middle.bounds.getSouthWest()));
  }

  /** `communes`: columns {name, lat, lon, decimals}, the most populous first. */
  nameCommunes({ name, lat, lon, decimals }) {
    const scale = 10 ** decimals;
    for (let index = 0; index < name.length && this.#taken.length < MOST_LABELS; index += 1) {
      this.#put(name[index], L.latLng(lat[index] / scale, lon[index] / scale), "map-name--commune", Infinity);
    }
  }

  show() {
    this.#map.getPane("names").replaceChildren(this.#made);
  }

  #put(name, at, className, room) {
    if (this.#taken.length >= MOST_LABELS || !this.#view.contains(at)) return;
    const { x, y } = this.#map.latLngToContainerPoint(at);
    const half = name.length * 3.6 + 4;
    if (half * 2 > room) return;
    const box = [x - half, y - 9, x + half, y + 9];
    if (this.#taken.some(([a, b, c, d]) => box[0] < c && box[2] > a && box[1] < d && box[3] > b)) return;
    this.#taken.push(box);
    const label = makeElement("span", `map-name ${className}`, name);
    L.DomUtil.setPosition(label, this.#map.latLngToLayerPoint(at));
    this.#made.append(label);
  }
}

function distance(view, layer) {
  return view.getCenter().distanceTo(layer.getBounds().getCenter());
}
