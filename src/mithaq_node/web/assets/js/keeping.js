/* What an officer types is not lost before the node has said that it is saved.

   A form with `data-keep="OFFICER"` is copied on every change into this window's own session storage, which ends with
   the window and is emptied at signing out; passwords are never copied. A page with `data-saved` on <html> is the node's
   word that what was sent to it is kept: only then is the copy forgotten. When the form is opened again before that
   (the line was cut, the session ended), what was typed stands in it again, and a line says so. */

const PREFIX = "mithaq.typed ";
const SENT = "mithaq.sent";
const PAUSE = 250;

export function keeping() {
  forgetSaved();
  for (const form of document.querySelectorAll("form[data-keep]")) {
    keep(form);
  }
  for (const form of document.querySelectorAll('form[action$="/signout/"]')) {
    form.addEventListener("submit", forgetAll);
  }
}

function forgetSaved() {
  const sent = sessionStorage.getItem(SENT);
  if (sent && document.documentElement.hasAttribute("data-saved")) {
    sessionStorage.removeItem(sent);
    sessionStorage.removeItem(SENT);
  }
}

function forgetAll() {
  for (const key of Object.keys(sessionStorage)) {
    if (key === SENT || key.startsWith(PREFIX)) {
      sessionStorage.removeItem(key);
    }
  }
}

function keep(form) {
  const key = PREFIX + location.pathname + location.search;
  const officer = form.dataset.keep;
  restore(form, key, officer);
  let pending = 0;
  const copy = () => {
    clearTimeout(pending);
    pending = 0;
    const { calendar } = form.dataset;
    const kept = { officer, calendar, fields: fieldsOf(form), drawn: form.elements.drawn?.value };
    try {
      sessionStorage.setItem(key, JSON.stringify(kept));
    } catch {
      sessionStorage.removeItem(key); // more than a window may keep: an old copy would be worse than none
    }
  };
  const soon = () => {
    clearTimeout(pending);
    pending = setTimeout(copy, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  addEventListener("pagehide", () => pending && copy());
  form.addEventListener("submit", () => {
    copy();
    sessionStorage.setItem(SENT, key);
  });
}

function fieldsOf(form) {
  return inputs(form).map((field) => [field.name, valueOf(field)]);
}

function inputs(form) {
  return [...form.elements].filter(
    (field) => field.name && field.matches("input:not([type=hidden], [type=password], [type=file]), select, textarea"),
  );
}

function valueOf(field) {
  return field.type === "checkbox" || field.type === "radio" ? [field.value, field.checked] : field.value;
}

/* Only a form that the node sent as new or as saved is filled in; one that it sent back holds what was typed already. */
function restore(form, key, officer) {
  const kept = sessionStorage.getItem(key);
  if (!kept || form.hasAttribute("data-sent-back")) {
    return;
  }
  const { officer: whose, calendar, fields: all, drawn } = JSON.parse(kept);
  // A day that was typed in another calendar would be read as another day: it has to be typed again.
  const fields = calendar === form.dataset.calendar ? all : all.filter(([name]) => !/\.(day|month|year)$/.test(name));
  if (whose !== officer || JSON.stringify(fields) === JSON.stringify(fieldsOf(form))) {
    sessionStorage.removeItem(key);
    return;
  }
  fill(form, fields);
  if (drawn && form.elements.drawn) {
    form.elements.drawn.value = drawn; // what was sent may have arrived: sent again it is the same draft
  }
  const line = document.getElementById("typed-again");
  if (line) {
    line.hidden = false;
    line.querySelector("button").addEventListener("click", () => {
      sessionStorage.removeItem(key);
      location.reload();
    });
  }
}

function fill(form, fields) {
  const left = inputs(form);
  for (const [name, said] of fields) {
    const at = left.findIndex((field) => field.name === name && (!Array.isArray(said) || field.value === said[0]));
    if (at < 0) {
      continue;
    }
    const [field] = left.splice(at, 1);
    if (Array.isArray(said)) {
      field.checked = said[1];
    } else {
      field.value = said;
    }
  }
}
