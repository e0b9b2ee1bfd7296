/* How a page says that its node was not heard: in its first script, and in the one that asks the node. */

export const SILENT_AFTER = 20000;

const page = document.documentElement;

/* When the node answered with this page, by this machine's clock: the last news that the page has at its beginning. */
export function pageHeard() {
  const answered = performance.getEntriesByType("navigation")[0]?.responseStart;
  return Date.now() - Math.max(answered ? performance.now() - answered : 0, 0);
}

/* A session that has ended has a line of its own. */
export function saySilent(is) {
  page.toggleAttribute("data-silent", is);
  show("stale", is && !page.hasAttribute("data-ended"));
}

export function show(id, shown) {
  const line = document.getElementById(id);
  if (line) {
    line.hidden = !shown;
  }
}
