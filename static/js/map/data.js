// What maps read: the data that the page gives them, and JSON that they ask for.

const kept = new Map();

/** JSON at this address, asked for once; null when there is no address or no answer. */
export function fetchJson(url) {
  if (!url) return Promise.resolve(null);
  if (!kept.has(url)) {
    const answer = fetch(url, { credentials: "omit" })
      .then((response) => (response.ok ? response.json() : null))
      .catch(() => null);
    kept.set(url, answer);
    answer.then((value) => value === null && kept.delete(url)); // another try may have an answer
  }
  return kept.get(url);
}

/** The data beside a map: JSON in the element that its `data-source` names. Throws when there is none. */
export function dataOf(root) {
  return JSON.parse(document.getElementById(root.dataset.source).textContent);
}
