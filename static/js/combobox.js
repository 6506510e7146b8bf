// An editable combobox with list autocomplete and manual selection (W3C ARIA APG), for any list that is searched while typing.
//
// The focus stays in the field; aria-activedescendant names the option the arrows are on. What alphagov/accessible-autocomplete
// learnt is kept: the number of results is announced after a pause, so that it does not drown in the echo of the keys; an
// announcement that repeats is announced again; the list stays when a phone folds its keyboard away.

const PAUSE_BEFORE_SEARCH = 180; // ms without a key
const PAUSE_BEFORE_ANNOUNCING = 500; // ms, about the length of the echo of a key
const SHORTEST_SEARCH = 2; // characters; "Y" (Somme) is reached by Enter

export const hasFinger = () => matchMedia("(pointer: coarse)").matches;

export class Combobox {
  #root;
  #input;
  #status;
  #list;
  #make;
  #find;
  #chosen;
  #options = []; // [{element, item}]
  #active = -1;
  #request = null; // AbortController of the search under way
  #searchTimer = 0;
  #announceTimer = 0;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root holds the field, its label and the list; the focus leaving it closes the list
   * @param {HTMLInputElement} parts.input
   * @param {HTMLElement} parts.status a live region
   * @param {string} parts.id of the list
   * @param {string} parts.label of the list
   * @param {(query: string, signal: AbortSignal) => Promise<{items: object[], said: string}>} parts.find
   * @param {(item: object, id: string) => HTMLElement} parts.make an option; see `makeOption`
   * @param {(item: object) => void} parts.choose
   */
  constructor({ root, input, status, id, label, find, make, choose }) {
    this.#root = root;
    this.#input = input;
    this.#status = status;
    this.#find = find;
    this.#make = make;
    this.#chosen = choose;
    this.#list = makeList(id, label);
    this.#input.after(this.#list);
    this.#becomeCombobox();
    this.#listen();
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
    this.#input.form.addEventListener("submit", () => this.forget());
    // Only a focus that goes elsewhere closes: folding a phone's keyboard away takes the focus nowhere.
    this.#root.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.#root.contains(relatedTarget)) this.#close();
    });
    this.#root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.target !== this.#input) this.#close();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.#root.contains(target)) this.#close();
    });
    // The field keeps the focus while the list is clicked or scrolled.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const picked = this.#options.find(({ element }) => element.contains(target));
      if (picked) this.#choose(picked.item);
    });
    // The browser's "back" may bring the page as it was left.
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted) this.forget();
    });
  }

  // --- Keyboard ---

  #typed() {
    this.cancelSearch();
    this.#moveTo(-1);
    const query = this.#input.value.trim();
    if (query.length < SHORTEST_SEARCH) {
      this.show([]);
      this.announce("");
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
    const picked = this.#isOpen && this.#options[this.#active];
    if (!picked) return; // the plain form goes
    event.preventDefault();
    this.#choose(picked.item);
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
    try {
      const { items, said } = await this.#find(query, this.#request.signal);
      this.show(items);
      this.#announceSoon(said);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.show([]); // the plain form will answer
      this.announce("");
    }
  }

  cancelSearch() {
    clearTimeout(this.#searchTimer);
    this.#request?.abort();
    this.#request = null;
  }

  /** No list, no search, nothing said: as when the page came. */
  forget() {
    this.cancelSearch();
    this.show([]);
    this.announce("");
  }

  // --- List ---

  get #isOpen() {
    return !this.#list.hidden;
  }

  show(items) {
    this.#moveTo(-1);
    this.#options = items.map((item, index) => ({ item, element: this.#make(item, `${this.#list.id}-${index + 1}`) }));
    this.#list.replaceChildren(...this.#options.map(({ element }) => element));
    this.#list.scrollTop = 0;
    if (!items.length) {
      this.#close();
      return;
    }
    this.#open();
    // The keyboard of a phone covers half of the screen: bring the field up, so that the list is above it.
    if (hasFinger()) this.#root.querySelector("label").scrollIntoView({ block: "start" });
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

  #choose(item) {
    this.cancelSearch();
    this.#close();
    this.#chosen(item);
  }

  // --- Announcements ---

  #announceSoon(text) {
    clearTimeout(this.#announceTimer);
    this.#announceTimer = setTimeout(() => this.announce(text), PAUSE_BEFORE_ANNOUNCING);
  }

  announce(text) {
    clearTimeout(this.#announceTimer);
    announceIn(this.#status, text);
  }
}

/** A live region says nothing when its text stays the same: a no-break space makes it another. */
export function announceIn(region, text) {
  const isRepeated = text !== "" && region.textContent === text;
  region.textContent = isRepeated ? `${text}\u00a0` : text;
}

/** Read as one sentence; its parts stand apart only on screen. */
export function makeOption(id, { name, former = "", place = "", size = "" }) {
  const option = document.createElement("li");
  option.id = id;
  option.className = "listbox__option";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.setAttribute("aria-label", [name, former, place, size].filter(Boolean).join(", "));
  const title = makeSpan("listbox__name", name);
  if (former) title.append(makeSpan("listbox__former", former));
  option.append(title, makeSpan("listbox__place", place));
  if (size) option.append(makeSpan("listbox__population", size));
  return option;
}

/** Official names have the straight apostrophe; people read the other one. */
export function readable(name) {
  return (name ?? "").replaceAll("'", "’");
}

/** JSON from an address of ours; throws when it answers with an error. */
export async function getJson(address, signal) {
  const response = await fetch(address, { signal, headers: { Accept: "application/json" }, credentials: "omit" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

export function howToChoose() {
  return hasFinger() ? "touchez la vôtre" : "utilisez les flèches";
}

function makeList(id, label) {
  const list = document.createElement("ul");
  list.id = id;
  list.className = "listbox";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", label);
  return list;
}

function makeSpan(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}
