// What every page does when scripts run. Hooks are data attributes; without this file nothing is missing.

for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

// A printed page shows the operators behind « Voir les autres » too.
let openedForPrint = [];
window.addEventListener("beforeprint", () => {
  openedForPrint = [...document.querySelectorAll("details[data-print-open]:not([open])")];
  for (const details of openedForPrint) details.open = true;
});
window.addEventListener("afterprint", () => {
  for (const details of openedForPrint) details.open = false;
});

// A form that came back with errors: the summary is read first.
document.querySelector("[data-error-summary]:not([data-specimen] *)")?.focus();
