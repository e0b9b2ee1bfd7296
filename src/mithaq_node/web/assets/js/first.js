/* The first script of every page, and the smallest: it brings the others, one after another (`data-follows`).

   On a bad line the page and its style sheets need all of it until they can be read. This one waits for the style
   sheets, as every script does, so that what it asks for takes nothing from them. A script that did not come is asked
   for again, and a page that has none of them yet grows no older in silence. */

import { SILENT_AFTER, pageHeard, saySilent } from "./silence.js";

const AGAIN = 3000;

const page = document.documentElement;
const { follows } = document.querySelector("script[data-follows]").dataset;
const silent = page.dataset.cursorAt && setTimeout(() => saySilent(true), pageHeard() + SILENT_AFTER - Date.now());

for (const address of follows.trim().split(/\s+/)) {
  for (let times = 0; !(await came(address, times)); times += 1) {
    await new Promise((done) => setTimeout(done, AGAIN));
  }
  clearTimeout(silent);
}

/* An element, not an import: the page has loaded when its scripts have. */
function came(address, times) {
  return new Promise((done) => {
    const script = document.createElement("script");
    script.type = "module";
    script.src = times ? `${address}#${times}` : address; // the browser remembers that an address did not come
    script.onload = () => done(true);
    script.onerror = () => done(false);
    document.head.append(script);
  });
}
