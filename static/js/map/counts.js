// Counts of operators that are too near one another to be told apart: what Leaflet.markercluster does, with what a count needs
// to be a target for everyone. A count stands where its first operator is, and those are apart by the radius: none hides another.
// Without Leaflet these are nothing, and the map says that it could not be made.

const L = window.L;

const RADIUS = 72; // px; between two of its zooms the map shows them at 51 px, and the largest is 50 px wide
const EDGE = 12; // px along the sides of the map where there are no markers: they would be cut
const CHUNK = 12; // ms of work at a time
const COUNTED = new Intl.NumberFormat("fr");

/** "1 structure", "2 350 structures". */
export function countOf(number) {
  return `${COUNTED.format(number)}\u00a0${number > 1 ? "structures" : "structure"}`;
}

const Count = L?.MarkerClusterNonAnimated?.extend({
  /** Whether no zoom of this map tells its operators apart. */
  isOnePlace() {
    let count = this;
    while (count._childClusters.length === 1) [count] = count._childClusters;
    return count._zoom === this._group._maxZoom && count._childCount === this._childCount;
  },

  _recalculateBounds() {
    L.MarkerClusterNonAnimated.prototype._recalculateBounds.call(this);
    if (this._cLatLng) this._latlng = this._cLatLng; // not their average, which may be next to another one's
  },
});

const Groups = L?.MarkerClusterGroup?.extend({
  initialize(options) {
    L.MarkerClusterGroup.prototype.initialize.call(this, options);
    this._markerCluster = Count;
  },

  /** Its own would keep the markers of nine screens: eight that nobody sees, and that Tab would walk through. */
  _getExpandedVisibleBounds() {
    return inView(this._map);
  },
});

/** What the map shows without its edge, where no marker is. */
export function inView(map) {
  const pixels = map.getPixelBounds();
  const edge = L.point(EDGE, EDGE);
  return L.latLngBounds(map.unproject(pixels.min.add(edge)), map.unproject(pixels.max.subtract(edge)));
}

/**
 * A layer of markers, gathered into counts; `onGathered` is called when all those added are on the map.
 * Throws without Leaflet.markercluster.
 */
export function makeGroups(onGathered) {
  return new Groups({
    maxClusterRadius: RADIUS,
    iconCreateFunction: iconOf,
    chunkedLoading: true,
    chunkInterval: CHUNK,
    chunkDelay: 0,
    chunkProgress: (done, total) => done === total && setTimeout(onGathered),
    animate: false, // a count that splits in motion costs as much as all the rest of a zoom, and is no target meanwhile
    showCoverageOnHover: false,
    zoomToBoundsOnClick: false,
    spiderfyOnMaxZoom: false,
  });
}

function iconOf(count) {
  const number = count.getChildCount();
  const size = number < 10 ? 34 : number < 100 ? 40 : number < 1000 ? 46 : 50;
  const what = count.isOnePlace() ? "au même endroit, voir lesquelles" : "ici, agrandir la carte";
  return L.divIcon({
    html: `<span aria-hidden="true">${COUNTED.format(number)}</span><span class="visually-hidden">${countOf(number)} ${what}</span>`,
    className: "cluster-icon",
    iconSize: [size, size],
  });
}
