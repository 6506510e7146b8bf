// Long work in slices, so that a slow phone still scrolls meanwhile:
//   const slice = new Slice();
//   for (…) { …; if (slice.isOver) await slice.rest(); }

const LENGTH = 12; // ms

export class Slice {
  #since = performance.now();

  get isOver() {
    return performance.now() - this.#since > LENGTH;
  }

  /** Lets the browser do what waits. */
  async rest() {
    await new Promise((resume) => setTimeout(resume));
    this.#since = performance.now();
  }
}
