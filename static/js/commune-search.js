// The commune search as a typeahead, and « Autour de moi ». Without this file the plain form answers the same.
//
// Pattern: W3C ARIA APG, editable combobox with list autocomplete and manual selection. The focus stays in the field;
// aria-activedescendant names the option the arrows are on. What alphagov/accessible-autocomplete learnt is kept: the
// number of results is announced after a pause, so that it does not drown in the echo of the keys; an announcement that
// repeats is announced again; the list stays when a phone folds its keyboard away.
//
// Hooks are data attributes: form[data-commune-search][data-api], [data-commune-input], [data-commune-status],
// [data-commune-near][data-near-url]. Classes below are only for the look.

const PAUSE_BEFORE_SEARCH = 180; // ms without a key
const PAUSE_BEFORE_ANNOUNCING = 500; // ms, about the length of the echo of a key
const SHORTEST_SEARCH = 2; // characters; "Y" (Somme) is reached by Enter
const POSTCODES_SHOWN = 3;
const POSITION_TIMEOUT = 10_000; // ms
const POSITION_DECIMALS = 3; // about 100 m: enough to find the commune, and no more than that is sent

const numbers = new Intl.NumberFormat("fr-FR");
const kilometres = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });
const hasFinger = () => matchMedia("(pointer: coarse)").matches;
const TYPE_INSTEAD = "Tapez plutôt le nom de votre commune ou son code postal.";

class CommuneSearch {
  #form;
  #input;
  #status;
  #list;
  #options = []; // [{element, commune}]
  #active = -1;
  #request = null; // AbortController of the search under way
  #searchTimer = 0;
  #announceTimer = 0;

  constructor(form, number) {
    this.#form = form;
    this.#input = form.querySelector("[data-commune-input]");
    this.#status = form.querySelector("[data-commune-status]");
    this.#list = this.#makeList(`communes-proposees-${number}`);
    this.#input.after(this.#list);
    this.#becomeCombobox();
    this.#listen();
    const near = form.querySelector("[data-commune-near]");
    if (near && "geolocation" in navigator && window.isSecureContext) this.#offerNearest(near);
  }

  #makeList(id) {
    const list = document.createElement("ul");
    list.id = id;
    list.className = "listbox";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Communes proposées");
    return list;
  }

  #becomeCombobox() {
    const attributes = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.#list.id,
      "aria-haspopup": "listbox",
      autocomplete: "off",
    };
    for (const [name, value] of Object.entries(attributes)) this.#input.setAttribute(name, value);
  }

  #listen() {
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#pressed(event));
    this.#input.addEventListener("click", () => this.#open());
    this.#form.addEventListener("submit", () => this.#forget());
    // Only a focus that goes elsewhere closes: folding a phone's keyboard away takes the focus nowhere.
    this.#form.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.#form.contains(relatedTarget)) this.#close();
    });
    this.#form.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.target !== this.#input) this.#close();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.#form.contains(target)) this.#close();
    });
    // The field keeps the focus while the list is clicked or scrolled.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const chosen = this.#options.find(({ element }) => element.contains(target));
      if (chosen) this.#choose(chosen.commune);
    });
    // The browser's "back" may bring the page as it was left.
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.#forget();
    });
  }

  // --- Keyboard ---

  #typed() {
    this.#cancelSearch();
    this.#moveTo(-1);
    const query = this.#input.value.trim();
    if (query.length < SHORTEST_SEARCH) {
      this.#show([]);
      this.#announce("");
      return;
    }
    this.#searchTimer = setTimeout(() => this.#search(query), PAUSE_BEFORE_SEARCH);
  }

  #pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const handler = {
      ArrowDown: () => this.#arrow(event, 1),
      ArrowUp: () => this.#arrow(event, -1),
      Home: () => this.#caret(event, 0),
      End: () => this.#caret(event, this.#input.value.length),
      ArrowLeft: () => this.#moveTo(-1),
      ArrowRight: () => this.#moveTo(-1),
      Enter: () => this.#enter(event),
      Escape: () => this.#escape(event),
      Tab: () => this.#close(),
    }[event.key];
    handler?.();
  }

  #arrow(event, step) {
    if (!this.#options.length || event.shiftKey) return;
    event.preventDefault();
    if (event.altKey) {
      if (step > 0) this.#open();
      else this.#close();
      return;
    }
    const wasOpen = this.#isOpen;
    this.#open();
    const count = this.#options.length;
    if (this.#active === -1 || !wasOpen) this.#moveTo(step > 0 ? 0 : count - 1);
    else this.#moveTo((this.#active + step + count) % count);
  }

  #caret(event, position) {
    if (event.shiftKey || this.#active === -1) return;
    event.preventDefault();
    this.#moveTo(-1);
    this.#input.setSelectionRange(position, position);
  }

  #enter(event) {
    const chosen = this.#isOpen && this.#options[this.#active];
    if (!chosen) return; // the plain form goes
    event.preventDefault();
    this.#choose(chosen.commune);
  }

  #escape(event) {
    if (this.#isOpen) {
      event.preventDefault();
      this.#close();
    } else if (this.#input.value) {
      event.preventDefault();
      this.#input.value = "";
      this.#typed();
    }
  }

  // --- Search ---

  async #search(query) {
    this.#request = new AbortController();
    const address = new URL(this.#form.dataset.api, location.href);
    address.searchParams.set("q", query);
    try {
      const response = await fetch(address, {
        signal: this.#request.signal,
        headers: { Accept: "application/json" },
        credentials: "omit",
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const { communes, total, conseil } = await response.json();
      this.#show(communes);
      this.#announceSoon(sayFound(communes.length, total, conseil));
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#show([]); // the plain form will answer
      this.#announce("");
    }
  }

  #cancelSearch() {
    clearTimeout(this.#searchTimer);
    this.#request?.abort();
    this.#request = null;
  }

  // --- Around me ---

  #offerNearest(button) {
    button.hidden = false;
    let asking = false;
    button.addEventListener("click", async (event) => {
      if (asking) return;
      asking = true;
      this.#cancelSearch();
      this.#show([]);
      this.#announce("Recherche de votre position…");
      try {
        const communes = await nearestCommunes(button.dataset.nearUrl);
        this.#show(communes);
        this.#announce(sayNearest(communes.length));
        // From the keyboard the arrows should work at once; under a finger no keyboard should unfold over the list.
        if (event.detail === 0 || !hasFinger()) this.#input.focus();
      } catch (error) {
        this.#announce(sayWhyNoPosition(error));
      } finally {
        asking = false;
      }
    });
  }

  // --- List ---

  get #isOpen() {
    return !this.#list.hidden;
  }

  #show(communes) {
    this.#moveTo(-1);
    this.#options = communes.map((commune, index) => ({
      commune,
      element: makeOption(commune, `${this.#list.id}-${index + 1}`),
    }));
    this.#list.replaceChildren(...this.#options.map(({ element }) => element));
    this.#list.scrollTop = 0;
    if (!communes.length) {
      this.#close();
      return;
    }
    this.#open();
    // The keyboard of a phone covers half of the screen: bring the field up, so that the list is above it.
    if (hasFinger()) this.#form.querySelector("label").scrollIntoView({ block: "start" });
  }

  #open() {
    if (!this.#options.length) return;
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
  }

  #close() {
    this.#moveTo(-1);
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
  }

  #moveTo(index) {
    this.#options[this.#active]?.element.setAttribute("aria-selected", "false");
    this.#active = index;
    const option = this.#options[index]?.element;
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest", behavior: "instant" });
      this.#input.setAttribute("aria-activedescendant", option.id);
    } else {
      this.#input.removeAttribute("aria-activedescendant");
    }
  }

  #choose(commune) {
    const address = new URL(commune.url, location.href);
    for (const field of this.#form.querySelectorAll('input[type="hidden"]')) {
      if (field.value) address.searchParams.set(field.name, field.value);
    }
    this.#cancelSearch();
    const name = readable(commune.nom);
    this.#input.value = name;
    this.#close();
    this.#announce(`${name} : la page s’ouvre…`);
    location.assign(address);
  }

  #forget() {
    this.#cancelSearch();
    this.#show([]);
    this.#announce("");
  }

  // --- Announcements ---

  #announceSoon(text) {
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => this.#announce(text), PAUSE_BEFORE_ANNOUNCING);
  }

  #announce(text) {
    clearTimeout(this.#announceTimer);
    // A live region says nothing when its text stays the same: a no-break space makes it another.
    const isRepeated = text !== "" && this.#status.textContent === text;
    this.#status.textContent = isRepeated ? `${text}\u00a0` : text;
  }
}

// --- What is shown ---

function makeOption(commune, id) {
  const label = readable(commune.nom);
  const place = [readable(commune.departement), somePostcodes(commune.codes_postaux)].filter(Boolean).join(" · ");
  const former = sayRecognised(commune.ancien_nom);
  const size = sayDistance(commune.distance_km) || sayPopulation(commune.population);
  const option = document.createElement("li");
  option.id = id;
  option.className = "listbox__option";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  // Read as one sentence: the parts below stand apart only on screen.
  option.setAttribute("aria-label", [label, former, place, size].filter(Boolean).join(", "));
  const name = makeSpan("listbox__name", label);
  if (former) name.append(makeSpan("listbox__former", former));
  option.append(name, makeSpan("listbox__place", place));
  if (size) option.append(makeSpan("listbox__population", size));
  return option;
}

function makeSpan(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

/** The name that was recognised when it is not the commune's own; an arrondissement says so itself. */
function sayRecognised(name) {
  if (!name) return "";
  return /arrondissement/i.test(name) ? name : `ancien nom\u00a0: ${readable(name)}`;
}

/** Official names have the straight apostrophe; people read the other one. */
function readable(name) {
  return (name ?? "").replaceAll("'", "’");
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

function howToChoose() {
  return hasFinger() ? "touchez la vôtre" : "utilisez les flèches";
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
