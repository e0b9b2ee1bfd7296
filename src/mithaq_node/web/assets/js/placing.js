/* The map of a place on a form: fetched when it is unfolded for the first time, and not before. */

export function placing() {
  for (const fold of document.querySelectorAll("details[data-map]")) {
    fold.addEventListener(
      "toggle",
      async () => {
        const { placeMap } = await import(fold.dataset.map);
        placeMap(fold.querySelector(".map"));
      },
      { once: true },
    );
  }
}
