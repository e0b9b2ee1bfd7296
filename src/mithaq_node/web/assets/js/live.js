/* What an open page does to be true: it asks its node for the cursor, and says so when it can no longer be believed.

   The page stands in one of four ways, named on <html>:

     (nothing)      the node was heard within twenty seconds
     data-silent    it was not: a line across the top says since when, states are grey, no time left is shown
     data-ended     the session is over: the same, and the line says how to go on
     data-waking    the machine slept or the page lay hidden: nothing is shown until what stands here was fetched again

   It asks as often as its line bears: again after three times what the last answer took, at once on a good line and
   seldom on one that has little to give.

   An element with `hx-trigger="mithaq:moved from:body"` fetches itself again when the cursor has moved. One that could
   not is tried again at every look, and until it has come the node counts as not heard. One that costs much and waits
   between its turns (`throttle`) names `mithaq:missed` too, so that it does not wait to be tried again. The moment of the last news
   comes from the node in the reader's words, because no browser knows the reader's calendar. */

import { SILENT_AFTER, pageHeard, saySilent, show } from "./silence.js";

const SOONEST = 750;
const LATEST = 5000;
const ROUND_TRIPS = 3;
const PATIENCE = 6000;
const WAKING_AT_MOST = 8000;

const page = document.documentElement;
const missed = new Set();
let heard = pageHeard();
let looked = Date.now();
let typed = false;
let pause = SOONEST;

export function live() {
  if (!page.dataset.cursorAt) {
    return;
  }
  document.addEventListener("input", () => (typed = true), { once: true });
  document.addEventListener("visibilitychange", () => document.hidden || look());
  for (const failed of ["htmx:error", "htmx:response:error"]) {
    document.addEventListener(failed, (event) => missed.add(event.target));
  }
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.response.status < 400) {
      missed.delete(event.target);
    }
  });
  addEventListener("pageshow", (event) => event.persisted && wake());
  setTimeout(watch, pause);
}

async function watch() {
  if (!document.hidden) {
    await look();
  }
  setTimeout(watch, pause);
}

/* One look: after a sleep everything is fetched again first. */
async function look() {
  const slept = Date.now() - looked > SILENT_AFTER;
  looked = Date.now();
  await (slept ? wake() : ask());
}

async function wake() {
  page.dataset.waking = "";
  try {
    if (await ask()) {
      await refresh();
    }
  } finally {
    delete page.dataset.waking;
  }
}

/* Whether the node answered as to somebody whom it knows. */
async function ask() {
  const began = Date.now();
  let known = false;
  try {
    const answer = await fetch(page.dataset.cursorAt, {
      headers: { Accept: "text/plain" },
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    page.toggleAttribute("data-ended", answer.redirected);
    if (answer.ok && !answer.redirected) {
      known = true;
      take(...(await answer.text()).split("\n"));
    }
  } catch {
    /* Not heard: said below, when it has lasted. */
  }
  pause = Math.min(Math.max((Date.now() - began) * ROUND_TRIPS, SOONEST), LATEST);
  saySilent(Date.now() - heard >= SILENT_AFTER || page.hasAttribute("data-ended"));
  show("ended", page.hasAttribute("data-ended"));
  return known;
}

function take(cursor, moment) {
  const silence = Date.now() - heard >= SILENT_AFTER;
  const incomplete = [...missed].some((element) => element.isConnected);
  if (!incomplete) {
    heard = Date.now();
    say(moment);
  }
  if (cursor !== page.dataset.cursor || silence || incomplete) {
    page.dataset.cursor = cursor;
    moved(cursor);
  }
  for (const element of missed) {
    element.dispatchEvent(new CustomEvent("mithaq:missed"));
  }
}

function say(moment) {
  const said = document.getElementById("heard");
  if (said && moment) {
    said.textContent = moment;
  }
}

function moved(cursor) {
  document.body.dispatchEvent(new CustomEvent("mithaq:moved", { detail: { cursor } }));
}

/* What this page shows of the node, once more: its live parts, or all of it unless somebody has begun to type. */
async function refresh() {
  if (document.querySelector('main [hx-trigger*="mithaq:moved"]')) {
    moved(page.dataset.cursor);
    await settled();
  } else if (!typed) {
    location.reload();
    await new Promise(() => {});
  }
}

async function settled() {
  const end = Date.now() + WAKING_AT_MOST;
  do {
    await new Promise((done) => setTimeout(done, 50));
  } while (document.querySelector(".htmx-request") && Date.now() < end);
}
