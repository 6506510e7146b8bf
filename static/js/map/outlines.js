// Outlines of territories (GeoJSON): what is in them, and where their middle is.

const L = window.L;

function ringsOf({ type, coordinates }) {
  return type === "Polygon" ? coordinates : coordinates.flat();
}

/** Whether the point is in the outline: an odd number of its sides are crossed on the way out. */
export function isInside(geometry, { lat, lng }) {
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

/** Whether the bounds hold some of the outline: one of its points, or a corner that it is around. */
export function isIn(bounds, geometry) {
  const isHere = ([lng, lat]) => bounds.contains([lat, lng]);
  const corners = [bounds.getSouthWest(), bounds.getNorthWest(), bounds.getNorthEast(), bounds.getSouthEast()];
  return ringsOf(geometry).some((ring) => ring.some(isHere)) || corners.some((corner) => isInside(geometry, corner));
}

/** Middle and extent of the longest ring: where the name of a territory stands. */
export function middleOf(geometry) {
  const longest = ringsOf(geometry).reduce((best, ring) => (ring.length > best.length ? ring : best), []);
  const bounds = L.latLngBounds(longest.map(([lng, lat]) => [lat, lng]));
  return { at: bounds.getCenter(), bounds };
}
