// « Ma sélection »: operators and calls that a visitor keeps, in this browser only: no account, no cookie, nothing sent.
//
// Hooks are data attributes:
//   [data-keep=<code>][data-keep-label], a toggle button, hidden until this script can keep something;
//     a code is "o:<slug of an operator>" or "a:<key of a call's edition>" (directory/selection.py)
//   [data-selection-entry][hidden] > [data-selection-link] > [data-selection-count]: the way to the selection
//   [data-roadmap], the page of a selection: see templates/selection/selection.html
// Whoever puts new buttons in the page calls refresh(); htmx needs not.

const KEY = "parcours-ess.selection";
const LIMIT = 50; // as in directory/selection.py
const SPOKEN = 7000; // ms that a message stays on screen

// --- What is kept: an array of codes, in the order they were chosen ---

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // the visitor forbids it
  }
}

function readKept() {
  try {
    const codes = JSON.parse(storage().getItem(KEY) ?? "[]");
    return [...new Set(codes)].filter((code) => /^[oa]:./.test(code)).slice(0, LIMIT);
  } catch {
    return []; // nothing can be kept, or something else wrote there
  }
}

/** Whether it could be written. */
function writeKept(codes) {
  try {
    if (codes.length) storage().setItem(KEY, JSON.stringify(codes));
    else storage().removeItem(KEY);
    return true;
  } catch {
    return false;
  }
}

// --- Addresses ---

const entry = document.querySelector("[data-selection-entry]");
const page = entry ? new URL(entry.querySelector("a").href).pathname : "";

/** Path and query of the page that shows these codes. */
function addressOf(codes) {
  const query = new URLSearchParams(codes.map((code) => [code[0], code.slice(2)]));
  return codes.length ? `${page}?${query}` : page;
}

/** The codes in the address, each once, in the order of addressOf. */
function codesOfAddress() {
  const query = [...new URLSearchParams(location.search)];
  return [...new Set(query.filter(([name, value]) => /^[oa]$/.test(name) && value.trim()).map((pair) => pair.join(":")))];
}

// --- Buttons and the entry of the header ---

export function refresh() {
  const kept = readKept();
  for (const button of document.querySelectorAll("[data-keep]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(kept.includes(button.dataset.keep)));
  }
  for (const link of document.querySelectorAll("[data-selection-link]")) link.href = addressOf(kept);
  for (const count of document.querySelectorAll("[data-selection-count]")) {
    count.textContent = kept.length ? ` (${kept.length})` : "";
  }
  if (entry) entry.hidden = false;
  roadmap?.refresh(kept);
}

function toggle(button) {
  const { keep: code, keepLabel: label } = button.dataset;
  const kept = readKept();
  const isKept = kept.includes(code);
  if (!isKept && kept.length >= LIMIT) {
    say(`Votre sélection compte déjà ${LIMIT} éléments, c’est le maximum. Retirez-en un pour garder celui-ci.`);
    return;
  }
  const changed = isKept ? kept.filter((one) => one !== code) : [...kept, code];
  if (!save(changed)) return;
  const total = changed.length === 1 ? "1 élément" : `${changed.length} éléments`;
  say(
    isKept
      ? `«\u00a0${label}\u00a0» n’est plus dans votre sélection. ${changed.length ? `Il y reste ${total}.` : "Elle est vide."}`
      : `«\u00a0${label}\u00a0» est dans votre sélection\u00a0: ${total}.`,
  );
}

/** Write, show, and say so when the browser refuses. */
function save(codes) {
  const isWritten = writeKept(codes);
  if (!isWritten) say("Votre navigateur ne permet pas de garder une sélection.");
  refresh();
  return isWritten;
}

// --- Messages: seen and read out ---

const message = document.createElement("p");
message.className = "keep-message";
message.setAttribute("aria-live", "polite");
let silence = 0;

function say(text) {
  message.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => (message.textContent = ""), SPOKEN);
}

// --- The page of a selection ---

class Roadmap {
  #root;
  #asked = codesOfAddress(); // codes of the address, those of the unknown too
  #shown; // codes of what the page shows
  #isMine = false; // whether the page follows the visitor's own selection
  #removed = null; // codes taken off all at once, for who changes their mind

  constructor(root) {
    this.#root = root;
    this.#shown = new Set(this.#items().map((item) => item.dataset.keptItem));
    this.#show("without", false);
    this.#on("copy", () => this.#copy());
    this.#on("clear", () => this.#clear());
    this.#on("restore", () => this.#restore());
    this.#on("adopt", () => this.#adopt());
    this.#on("forget", () => this.#forget());
  }

  refresh(kept) {
    const missing = [...this.#shown].filter((code) => !kept.includes(code));
    const extra = kept.filter((code) => !this.#asked.includes(code));
    // Once the visitor's own, the page follows what they take off; never what other pages add.
    this.#isMine = extra.length === 0 && (this.#isMine || missing.length === 0);
    this.#show("received", !this.#isMine && missing.length > 0);
    this.#show("more", !this.#isMine && missing.length === 0);
    this.#show("clear", this.#isMine && kept.length > 0);
    this.#show("forget", this.#unknown().some((code) => kept.includes(code)));
    this.#say("more-text", `Votre propre sélection compte ${plural(extra.length, "autre élément", "autres éléments")}.`);
    if (missing.length < this.#shown.size) {
      this.#say("received-text", `${plural(missing.length, "élément n’est", "éléments ne sont")} pas dans la vôtre.`);
    }
    if (this.#isMine) this.#follow(kept);
  }

  /** The visitor's own selection: page, count and address say what is still in it. */
  #follow(kept) {
    const isEmptied = this.#removed !== null && !kept.length;
    for (const item of this.#items()) item.toggleAttribute("data-removed", !kept.includes(item.dataset.keptItem));
    for (const part of this.#root.querySelectorAll("[data-roadmap-body]")) part.hidden = isEmptied;
    this.#show("undo", isEmptied);
    this.#show("none", isEmptied || !this.#shown.size);
    this.#say("count", sayCount(kept.filter((code) => this.#shown.has(code))));
    if (!sameCodes(kept, codesOfAddress())) history.replaceState(null, "", addressOf(kept) + location.hash);
  }

  async #copy() {
    const address = new URL(this.#isMine ? addressOf(readKept()) : location.href, location.href);
    address.hash = "";
    try {
      await navigator.clipboard.writeText(address.href);
      say("Le lien est copié.");
    } catch {
      // no clipboard without HTTPS, or the visitor refused
      const line = this.#find("link");
      line.hidden = false;
      const field = line.querySelector("input");
      field.value = address.href;
      field.focus();
      field.select();
      say("Le lien est sélectionné\u00a0: copiez-le.");
    }
  }

  #clear() {
    const kept = readKept();
    this.#removed = kept;
    if (!save([])) {
      this.#removed = null;
      return;
    }
    say(""); // what is in focus says it
    this.#find("restore").focus();
  }

  #restore() {
    const codes = this.#removed;
    this.#removed = null;
    if (!save(codes)) return;
    say("Votre sélection est revenue.");
    this.#find("clear").focus();
  }

  #adopt() {
    const kept = readKept();
    const wanted = [...this.#shown].filter((code) => !kept.includes(code));
    const room = LIMIT - kept.length;
    if (!save([...kept, ...wanted.slice(0, room)])) return;
    say(
      wanted.length > room
        ? `Une sélection compte ${LIMIT} éléments au plus\u00a0: ${plural(wanted.length - room, "n’a", "n’ont")} pas été ajouté${wanted.length - room > 1 ? "s" : ""}.`
        : `Votre sélection compte maintenant ${plural(kept.length + wanted.length, "élément", "éléments")}.`,
    );
    this.#find("title").focus();
  }

  #forget() {
    const unknown = this.#unknown();
    if (!save(readKept().filter((code) => !unknown.includes(code)))) return;
    say("C’est retiré de votre sélection.");
    this.#find("title").focus();
  }

  #unknown() {
    return this.#asked.filter((code) => !this.#shown.has(code));
  }

  #items() {
    return [...this.#root.querySelectorAll("[data-kept-item]")];
  }

  #find(name) {
    return this.#root.querySelector(`[data-roadmap-${name}]`);
  }

  #on(name, act) {
    this.#find(name)?.addEventListener("click", act);
  }

  #show(name, isShown) {
    const element = this.#find(name);
    if (element) element.hidden = !isShown;
  }

  #say(name, text) {
    const element = this.#find(name);
    if (element && element.textContent !== text) element.textContent = text;
  }
}

function sameCodes(some, others) {
  return some.length === others.length && some.every((code) => others.includes(code));
}

function plural(count, one, several) {
  return `${count}\u00a0${count > 1 ? several : one}`;
}

/** "3 structures et 1 appel", as Selection.sentence says it. */
function sayCount(codes) {
  const calls = codes.filter((code) => code.startsWith("a:")).length;
  const operators = codes.length - calls;
  const parts = [];
  if (operators) parts.push(plural(operators, "structure", "structures"));
  if (calls) parts.push(plural(calls, "appel", "appels"));
  return parts.join(" et ") || "Plus rien";
}

// --- Start ---

const root = document.querySelector("[data-roadmap]");
const roadmap = root && storage() ? new Roadmap(root) : null;

function start() {
  document.querySelector("main")?.append(message);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-keep]");
    if (button) toggle(button);
  });
  // Other tabs, the Back button, and parts of the page that htmx has brought.
  for (const event of ["storage", "pageshow"]) window.addEventListener(event, refresh);
  for (const event of ["htmx:afterSettle", "htmx:historyRestore"]) document.addEventListener(event, refresh);
  refresh();
}

if (storage()) {
  // The page without codes is the visitor's own selection: its address says what it holds.
  if (root && readKept().length && !codesOfAddress().length) location.replace(addressOf(readKept()));
  else start();
}
