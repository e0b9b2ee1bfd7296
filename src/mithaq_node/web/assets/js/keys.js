/* Single keys for those who work without a mouse. The page of the keys lists them and can switch them off: then its link
   in the foot carries no `data-keys`, and nothing listens. They go by the place of a key, because the letters of Arabic
   and Persian stand on the same keys. */

const TYPED_INTO = "input, textarea, select, [contenteditable]";

export function keys() {
  const page = document.querySelector("a[data-keys]");
  if (page === null) {
    return;
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.target.closest(TYPED_INTO)) {
      return;
    }
    if (act(event, page)) {
      event.preventDefault();
    }
  });
}

function act(event, page) {
  if (event.key === "?" || event.key === "؟") {
    page.click();
    return true;
  }
  if (event.shiftKey) {
    return false;
  }
  if (event.key === "/" || event.code === "Slash") {
    return focus(document.getElementById("search"));
  }
  if (/^(Digit|Numpad)[1-9]$/.test(event.code)) {
    return follow(document.querySelectorAll(".places a")[Number(event.code.at(-1)) - 1]);
  }
  return event.code === "KeyJ" || event.code === "KeyK" ? step(event.code === "KeyJ" ? 1 : -1) : false;
}

function focus(element) {
  element?.focus();
  return element != null;
}

function follow(link) {
  link?.click();
  return link != null;
}

/* To the first link of the next line of a list, or of the one before; from elsewhere to the first line. */
function step(by) {
  const lines = [...document.querySelectorAll("main .entries > li")].filter((line) => line.querySelector("a[href]"));
  const here = lines.findIndex((line) => line.contains(document.activeElement));
  return focus(lines[here < 0 ? 0 : here + by]?.querySelector("a[href]"));
}
