/* In a list that says `data-walk`, the arrow keys go from one entry to the next, and Home and End to the first and last. */

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function walking() {
  document.addEventListener("keydown", (event) => {
    const list = event.target.closest?.("[data-walk]");
    if (!list || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    const links = [...list.querySelectorAll(":scope > li")].map((row) => row.querySelector("a[href]")).filter(Boolean);
    const here = links.findIndex((link) => link.closest("li").contains(event.target));
    const next = { Home: links[0], End: links.at(-1) }[event.key] ?? (STEPS[event.key] && links[here + STEPS[event.key]]);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
}
