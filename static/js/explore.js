// The search page: the list, the counts and the chips follow each change without a reload; without this file the plain form does it.
// htmx asks and swaps (see the attributes in templates/directory/operator_list.html); here is what it leaves: a clean address, boxes
// that stay in place, the focus that does not get lost, what is announced, and « Back », which asks again for what the address says.
//
// Hooks: [data-explore][data-shown][data-wide][data-noun][data-none][data-see] and its -form, -words, -panel, -apply, -status, -failure, -retry, -chip, -again; [data-territory-search][data-api].

import { announceIn, Combobox, getJson, howToChoose, makeOption, readable } from "./combobox.js";

const PAUSE_BEFORE_ANNOUNCING = 700; // ms: longer than the echo of a key
const numbers = new Intl.NumberFormat("fr-FR");

const explore = document.querySelector("[data-explore]");
// What is looked for: "structure", "aucune", "Voir la structure".
const { noun = "structure", none = "aucune", see = "Voir la structure" } = explore.dataset;
const WIDE = matchMedia(`(min-width: ${explore.dataset.wide})`); // the filters are not folded: as in explore.css and explore-map.css
const form = explore.querySelector("[data-explore-form]");
const words = form.querySelector("[data-explore-words]");
const panel = form.querySelector("[data-explore-panel]");
const apply = form.querySelector("[data-explore-apply]");
const status = explore.querySelector("[data-explore-status]");
const failure = explore.querySelector("[data-explore-failure]");
const territory = form.querySelector("[data-territory-search]");
const place = territory.querySelector("[data-territory-input]");

// --- The address: what is asked, nothing empty, and nothing asked twice ---

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt !== form) return;
  for (const name of new Set(detail.formData.keys())) {
    const values = detail.formData.getAll(name).filter((value) => value.trim());
    detail.formData.delete(name);
    for (const value of values) detail.formData.append(name, value);
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  failure.hidden = true;
  const { elt, pathInfo } = event.detail;
  // The pause after a key, leaving the field and Enter would each ask for the same.
  if (elt === form && sameAddress(pathInfo.finalRequestPath, location.href)) event.preventDefault();
});

function sameAddress(one, other) {
  const [here, there] = [new URL(one, location.href), new URL(other, location.href)];
  for (const address of [here, there]) address.searchParams.sort();
  return here.pathname === there.pathname && here.search === there.search;
}

// Without htmx's answer the form goes by itself, as clean.
form.addEventListener("formdata", ({ formData }) => {
  for (const name of new Set(formData.keys())) {
    if (formData.getAll(name).every((value) => !value.trim())) formData.delete(name);
  }
});

// --- The boxes stay in place: only what they say changes ---

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id !== "facettes") return;
  event.detail.shouldSwap = false;
  updateFacets(event.detail.target, event.detail.fragment.querySelector("#facettes"));
});

function updateFacets(current, fresh) {
  const known = new Map([...current.children].map((facet) => [facet.id, facet]));
  const facets = [...fresh.children].map((facet) => {
    const mine = known.get(facet.id);
    if (!mine || shape(mine) !== shape(facet)) return facet;
    for (const input of facet.querySelectorAll("input:not([type=hidden])")) updateOption(input);
    updateFold(mine.querySelector("details"), facet.querySelector("details"));
    return mine;
  });
  for (const facet of known.values()) if (!facets.includes(facet)) facet.remove();
  // What is there already is not moved: moving it would take the focus away.
  facets.forEach((facet, index) => {
    if (current.children[index] !== facet) current.insertBefore(facet, current.children[index] ?? null);
  });
}

/** What is folded opens when an option in it is in use, and never closes by itself. */
function updateFold(mine, fresh) {
  if (!mine || !fresh) return;
  mine.open ||= fresh.open;
  mine.querySelector("summary").replaceChildren(...fresh.querySelector("summary").childNodes);
}

/** Its boxes and its hidden values: what makes two filters the same. */
function shape(facet) {
  const parts = [...facet.querySelectorAll("input, .field__error")];
  return parts.map((part) => part.id || part.value || part.textContent).join(" ");
}

function updateOption(fresh) {
  const mine = document.getElementById(fresh.id);
  mine.checked = fresh.checked;
  const [label, freshLabel] = [mine.closest("label"), fresh.closest("label")];
  label.className = freshLabel.className;
  const count = label.querySelector(".facet__count");
  count?.replaceChildren(...freshLabel.querySelector(".facet__count").childNodes);
}

// --- After each answer ---

let chip = null; // position of the chip that was taken off; -1 for another link that goes with the answer
let toldSoon = 0;
let isGoingBack = false;

explore.addEventListener("click", ({ target }) => {
  const link = target.closest("[data-explore-chip]");
  if (link) chip = [...explore.querySelectorAll(".chip")].indexOf(link);
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id !== "resultats" && detail.elt?.id !== "resultats") return;
  const asked = new URL(location.href).searchParams;
  for (const field of [words, place]) {
    if (isGoingBack || document.activeElement !== field) field.value = asked.get(field.name) ?? "";
  }
  isGoingBack = false;
  keepFocus();
  sayApply();
  clearTimeout(toldSoon);
  toldSoon = setTimeout(() => announceIn(status, heading()), PAUSE_BEFORE_ANNOUNCING);
});

/** A chip that was taken off had the focus: the next one has it, else the title of the results. */
function keepFocus() {
  if (chip === null) return;
  const chips = explore.querySelectorAll(".chip");
  const next = chips[Math.min(Math.max(chip, 0), chips.length - 1)];
  if (!document.activeElement || document.activeElement === document.body) {
    (chip >= 0 && next ? next : resultsTitle()).focus({ preventScroll: chip >= 0 });
  }
  chip = null;
}

const heading = () => document.querySelector("h1").textContent.trim();
const resultsTitle = () => document.getElementById("resultats-titre");

// --- Back and forward: the page asks again, and htmx, which would load it anew, is not told ---

// What is shown, or on its way: known before the answer is in place, for whoever goes back at once.
document.addEventListener("htmx:pushedIntoHistory", ({ detail }) => { explore.dataset.shown = detail.path; });

function showAddress() {
  if (sameAddress(explore.dataset.shown, location.href)) return; // only the #part changed
  isGoingBack = true;
  explore.dataset.shown = location.pathname + location.search;
  htmx.ajax("GET", location.pathname + location.search, { source: explore.querySelector("[data-explore-again]") });
}
window.addEventListener("popstate", (event) => {
  event.stopImmediatePropagation();
  showAddress();
});
// « Back » may have been pressed before this file came.
addEventListener("load", showAddress);

// --- The panel: folded on a phone, where its button leads to the results ---

function fold() {
  panel.open = WIDE.matches || Boolean(panel.querySelector(".field__error"));
}
WIDE.addEventListener("change", fold);
fold();

function sayApply() {
  const total = Number(document.getElementById("resultats").dataset.total);
  const nothing = `${none[0].toUpperCase()}${none.slice(1)} ${noun}\u00a0: que faire\u00a0?`;
  apply.textContent = { 0: nothing, 1: see }[total] ?? `Voir les ${numbers.format(total)} ${noun}s`;
}
sayApply();
apply.type = "button"; // each box has been followed already
apply.addEventListener("click", () => {
  if (!WIDE.matches) panel.open = false;
  resultsTitle().focus({ preventScroll: true });
  resultsTitle().scrollIntoView({ block: "start" });
});

// --- When the answer does not come ---

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => {
    failure.querySelector("[data-explore-retry]").href = detail.pathInfo.finalRequestPath;
    failure.hidden = false;
    isGoingBack = false;
  });
}

// --- The territory, by name or postcode ---

const combobox = new Combobox({
  root: territory,
  input: place,
  status: territory.querySelector("[data-territory-status]"),
  id: "territoires-proposes",
  label: "Territoires proposés",
  async find(query, signal) {
    const address = new URL(territory.dataset.api, location.href);
    address.searchParams.set("q", query);
    const { territoires } = await getJson(address, signal);
    return { items: territoires, said: sayFound(territoires.length) };
  },
  make: (found, id) =>
    makeOption(id, {
      name: readable(found.nom),
      place: [found.niveau, readable(found.precision)].filter(Boolean).join(" · "),
    }),
  choose: choosePlace,
});

function choosePlace(found) {
  const kept = document.createElement("input");
  kept.type = "hidden";
  kept.name = "territoire";
  kept.value = found.valeur;
  form.querySelectorAll('input[type="hidden"][name="territoire"]').forEach((other) => other.remove());
  document.getElementById("lieu-actuel").append(kept);
  place.value = "";
  combobox.announce(`${readable(found.nom)}\u00a0: la liste suit…`);
  place.dispatchEvent(new Event("change", { bubbles: true }));
}

function sayFound(count) {
  if (!count) return "Aucun territoire sous ce nom.";
  return `${count === 1 ? "1 territoire" : `${count} territoires`}, ${howToChoose()}.`;
}
