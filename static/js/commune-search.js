// The commune search as a typeahead, and « Autour de moi ». Without this file the plain form answers the same.
// How it is typed in and read aloud is combobox.js.
//
// Hooks are data attributes: form[data-commune-search][data-api], [data-commune-input], [data-commune-status],
// [data-commune-near][data-near-url]. Classes below are only for the look.

import { Combobox, getJson, hasFinger, howToChoose, makeOption, readable } from "./combobox.js";

const POSTCODES_SHOWN = 3;
const POSITION_TIMEOUT = 10_000; // ms
const POSITION_DECIMALS = 3; // about 100 m: enough to find the commune, and no more than that is sent

const numbers = new Intl.NumberFormat("fr-FR");
const kilometres = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });
const TYPE_INSTEAD = "Tapez plutôt le nom de votre commune ou son code postal.";

class CommuneSearch {
  #form;
  #input;
  #combobox;

  constructor(form, number) {
    this.#form = form;
    this.#input = form.querySelector("[data-commune-input]");
    this.#combobox = new Combobox({
      root: form,
      input: this.#input,
      status: form.querySelector("[data-commune-status]"),
      id: `communes-proposees-${number}`,
      label: "Communes proposées",
      find: (query, signal) => this.#find(query, signal),
      make: makeCommune,
      choose: (commune) => this.#choose(commune),
    });
    const near = form.querySelector("[data-commune-near]");
    if (near && "geolocation" in navigator && window.isSecureContext) this.#offerNearest(near);
  }

  async #find(query, signal) {
    const address = new URL(this.#form.dataset.api, location.href);
    address.searchParams.set("q", query);
    const { communes, total, conseil } = await getJson(address, signal);
    return { items: communes, said: sayFound(communes.length, total, conseil) };
  }

  #offerNearest(button) {
    button.hidden = false;
    let asking = false;
    button.addEventListener("click", async (event) => {
      if (asking) return;
      asking = true;
      this.#combobox.cancelSearch();
      this.#combobox.show([]);
      this.#combobox.announce("Recherche de votre position…");
      try {
        const communes = await nearestCommunes(button.dataset.nearUrl);
        this.#combobox.show(communes);
        this.#combobox.announce(sayNearest(communes.length));
        // From the keyboard the arrows should work at once; under a finger no keyboard should unfold over the list.
        if (event.detail === 0 || !hasFinger()) this.#input.focus();
      } catch (error) {
        this.#combobox.announce(sayWhyNoPosition(error));
      } finally {
        asking = false;
      }
    });
  }

  #choose(commune) {
    const address = new URL(commune.url, location.href);
    for (const field of this.#form.querySelectorAll('input[type="hidden"]')) {
      if (field.value) address.searchParams.set(field.name, field.value);
    }
    const name = readable(commune.nom);
    this.#input.value = name;
    this.#combobox.announce(`${name} : la page s’ouvre…`);
    location.assign(address);
  }
}

// --- What is shown ---

function makeCommune(commune, id) {
  return makeOption(id, {
    name: readable(commune.nom),
    former: sayRecognised(commune.ancien_nom),
    place: [readable(commune.departement), somePostcodes(commune.codes_postaux)].filter(Boolean).join(" · "),
    size: sayDistance(commune.distance_km) || sayPopulation(commune.population),
  });
}

/** The name that was recognised when it is not the commune's own; an arrondissement says so itself. */
function sayRecognised(name) {
  if (!name) return "";
  return /arrondissement/i.test(name) ? name : `ancien nom\u00a0: ${readable(name)}`;
}

function somePostcodes(postcodes = []) {
  const some = postcodes.slice(0, POSTCODES_SHOWN).join(", ");
  return postcodes.length > POSTCODES_SHOWN ? `${some}…` : some;
}

function sayPopulation(population) {
  return population ? `${numbers.format(population)}\u00a0hab.` : "";
}

function sayDistance(distance) {
  if (typeof distance !== "number") return "";
  return distance < 1 ? "à moins de 1\u00a0km" : `à ${kilometres.format(distance)}\u00a0km`;
}

// --- What is announced ---

function sayFound(shown, total, advice) {
  if (!shown) return `Aucune commune trouvée.${advice ? ` ${advice}` : ""}`;
  const count = total > shown ? `${shown} communes sur ${numbers.format(total)}` : sayCommunes(shown);
  return `${count}, ${howToChoose()}${total > shown ? ", ou validez pour tout voir" : ""}.`;
}

function sayNearest(count) {
  if (!count) return `Aucune commune trouvée autour de vous. ${TYPE_INSTEAD}`;
  return `${sayCommunes(count)} autour de vous, ${howToChoose()}.`;
}

function sayCommunes(count) {
  return count === 1 ? "1 commune" : `${count} communes`;
}

// --- Position: asked once, sent rounded, kept nowhere ---

async function nearestCommunes(url) {
  const { coords } = await new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, { timeout: POSITION_TIMEOUT });
  });
  const response = await fetch(url, {
    method: "POST",
    credentials: "omit",
    body: new URLSearchParams({
      latitude: coords.latitude.toFixed(POSITION_DECIMALS),
      longitude: coords.longitude.toFixed(POSITION_DECIMALS),
    }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()).communes;
}

function sayWhyNoPosition(error) {
  // The codes of GeolocationPositionError; anything else comes from our own request.
  const why = {
    1: "Votre navigateur n’a pas donné accès à votre position.",
    2: "Votre position n’a pas pu être trouvée.",
    3: "La recherche de votre position a pris trop de temps.",
  }[error.code];
  return `${why ?? "Les communes proches n’ont pas pu être cherchées."} ${TYPE_INSTEAD}`;
}

document.querySelectorAll("[data-commune-search]").forEach((form, index) => new CommuneSearch(form, index + 1));
