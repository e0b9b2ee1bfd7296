/* The part of every page that moves: it asks the node for its cursor and lets the changed fragments be fetched.

   The page works without it: lists are links, forms are forms. An element with `data-live` is replaced (htmx, morphing,
   so that focus and open menus stay) whenever the cursor has moved. A node that has not been heard for twenty seconds is
   announced across the top; nothing on the page is then to be taken for now. */

import htmx from "htmx.org";

const EVERY = 2000;
const SILENT_AFTER = 20000;

htmx.config.includeIndicatorCSS = false;
htmx.config.selfRequestsOnly = true;
// What the reader has unfolded stays unfolded when the page around it moves.
htmx.config.morphIgnore.push("open");

const page = document.documentElement;
const stale = document.getElementById("stale");
let cursor = page.dataset.cursor ?? "";
let heard = Date.now();

async function ask() {
  try {
    const answer = await fetch(page.dataset.cursorAt, {
      headers: { Accept: "text/plain" },
      cache: "no-store",
      signal: AbortSignal.timeout(EVERY * 3),
    });
    if (answer.ok) {
      heard = Date.now();
      const now = (await answer.text()).trim();
      if (now !== cursor) {
        cursor = now;
        page.dataset.cursor = now;
        document.body.dispatchEvent(new CustomEvent("mithaq:moved", { detail: { cursor: now } }));
      }
    }
  } catch {
    /* Not heard: said below, when it has lasted. */
  }
  if (stale) {
    stale.hidden = Date.now() - heard < SILENT_AFTER;
  }
}

async function watch() {
  if (!document.hidden) {
    await ask();
  }
  setTimeout(watch, EVERY);
}

if (page.dataset.cursorAt) {
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  setTimeout(watch, EVERY);
}

/* A menu closes when the reader goes elsewhere, and with Escape, as menus do. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
});
