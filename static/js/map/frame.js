// The one place where a map is made: how it moves, what it says of its source, how it is left from the keyboard.
//
// Needs Leaflet's global L: a deferred classic script placed before the module that imports this one.

const L = window.L;

export const METROPOLE = [[41.2, -5.3], [51.2, 9.7]];
export const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

const hasFinger = matchMedia("(pointer: coarse)").matches;
const ATTRIBUTION = "© Etalab, découpage administratif";

/**
 * A map in this element, without a view yet.
 *
 * `panes`: name -> z-index of what is drawn there. `tiles`: {url, attribution} of a provider that the site chose, or
 * null. The rest are options of L.map: `minZoom`, `maxZoom`, `zoomSnap`…
 */
export function makeMap(container, { panes, tiles, ...options }) {
  const map = L.map(container, {
    attributionControl: false,
    zoomControl: false,
    zoomSnap: 0.5,
    // The page scrolls under wheel and finger until someone enters the map.
    scrollWheelZoom: false,
    dragging: !hasFinger,
    inertia: !isStill,
    zoomAnimation: !isStill,
    fadeAnimation: !isStill,
    markerZoomAnimation: !isStill,
    ...options,
    ...(tiles ? { zoomSnap: 1 } : {}), // between two of its zooms a tile is a blur
  });
  if (isStill) map.panBy = (offset) => L.Map.prototype.panBy.call(map, offset, { animate: false });
  L.control.attribution({ prefix: false }).addAttribution(ATTRIBUTION).addTo(map);
  addZoom(map, container);
  for (const [name, level] of Object.entries(panes)) map.createPane(name).style.zIndex = level;
  if (tiles) {
    const attribution = new Option(tiles.attribution).innerHTML; // plain text, which Leaflet would read as markup
    L.tileLayer(tiles.url, { attribution, maxZoom: options.maxZoom }).addTo(map);
    container.classList.add("has-tiles");
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
  container.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") map.closePopup();
  });
  map.on("popupopen", ({ popup }) => {
    popup.getElement().querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", "Fermer");
  });
  return map;
}

/** Beside the map, not over it, where the buttons would hide markers: in [data-map-zoom] of its figure, else after it. */
function addZoom(map, container) {
  const buttons = L.control.zoom({ zoomInTitle: "Agrandir la carte", zoomOutTitle: "Réduire la carte" }).addTo(map).getContainer();
  buttons.classList.add("map-zoom");
  const place = container.closest("figure")?.querySelector("[data-map-zoom]");
  if (place) place.append(buttons);
  else container.after(buttons);
}

/** A popup that was opened from the keyboard: the first thing in it to choose has the focus, and its marker once it is closed. */
export function leadIntoPopup(popup, marker) {
  popup.getElement()?.querySelector(".leaflet-popup-content :is(a, button)")?.focus();
  popup.once("remove", () => {
    const focused = document.activeElement;
    const isElsewhere = focused && focused !== document.body && !popup.getElement()?.contains(focused);
    if (!isElsewhere && marker.isConnected) marker.focus({ preventScroll: true });
  });
}

/**
 * Start a map in every element that the selector finds: `start(root)` makes it, or gives the sentence to say instead.
 *
 * [data-map-placeholder] in it holds the words until the map is there; `sorry` when it cannot be made.
 */
export async function startMaps(selector, start, sorry) {
  for (const root of document.querySelectorAll(selector)) {
    const placeholder = root.querySelector("[data-map-placeholder]");
    const box = placeholder.parentElement;
    placeholder.textContent = "La carte arrive…";
    try {
      if (!L) throw new Error("Leaflet is missing");
      const sentence = await start(root);
      if (sentence) placeholder.textContent = sentence;
      else placeholder.remove();
    } catch (error) {
      console.warn("La carte n’a pas pu s’afficher.", error);
      placeholder.textContent = `La carte n’a pas pu s’afficher. ${sorry}`;
      box.replaceChildren(placeholder);
    }
  }
}
