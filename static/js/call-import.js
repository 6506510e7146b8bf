// Imports of calls: a file too big is told before it is sent; the page that waits follows the work.
// Without this file, the server says the same and the page asks again by itself.

const form = document.querySelector("[data-upload]");
if (form) {
  const input = form.querySelector("input[type=file]");
  const error = form.querySelector("[data-upload-error]");
  const wait = form.querySelector("[data-upload-wait]");
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    const [file] = input.files;
    const most = Number(input.dataset.mostBytes);
    error.hidden = !(file && file.size > most);
    if (!error.hidden) {
      event.preventDefault();
      error.textContent = `Ce fichier dépasse ${Math.round(most / 1048576)} Mo : coupez-le en plusieurs, par exemple un par région.`;
      input.focus();
      return;
    }
    wait.hidden = false;
    button.disabled = true;
  });
  // Back from the next page, the form can be sent again.
  window.addEventListener("pageshow", () => {
    wait.hidden = true;
    button.disabled = false;
  });
}

const waiting = document.querySelector("[data-import-progress]");
if (waiting) {
  const bar = waiting.querySelector("progress");
  const done = waiting.querySelector("[data-import-done]");
  const number = new Intl.NumberFormat("fr");
  const ask = async () => {
    const answer = await fetch(waiting.dataset.importProgress, { headers: { Accept: "application/json" } });
    if (!answer.ok) return location.reload();
    const { enCours, faites, lignes } = await answer.json();
    if (!enCours) return location.reload();
    if (lignes) {
      bar.max = lignes;
      bar.value = faites;
      done.textContent = faites < lignes - 99 ? `${number.format(faites)} lignes sur ${number.format(lignes)}` : "Derniers contrôles…";
    }
    setTimeout(ask, 500);
  };
  setTimeout(ask, 300);
  // A process that died is told by the page itself.
  setTimeout(() => location.reload(), 20000);
}
