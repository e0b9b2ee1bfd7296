/* What the page has already is not sent to it again.

   An element with `data-parts` asks for its parts in one request and says which version of each, and of each row, the page
   has (`Mithaq-Has`). Rows that are the same come back as `<li data-same>` with no more than the time that is left; they are
   filled in from the page before anything is swapped. */

export function having() {
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement.hasAttribute("data-parts")) {
      ctx.request.headers["Mithaq-Has"] = versions().join(" ");
    }
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement.hasAttribute("data-parts")) {
      ctx.text = filled(ctx.text);
    }
  });
}

function versions() {
  return [...document.querySelectorAll("[data-v]")].map((each) => `${each.id}=${each.dataset.v}`);
}

function filled(text) {
  const answer = document.createElement("template");
  answer.innerHTML = text;
  for (const row of answer.content.querySelectorAll("li[data-same]")) {
    const same = document.getElementById(row.id)?.cloneNode(true);
    if (same) {
      same.querySelector(".left > span")?.replaceChildren(...row.childNodes);
      row.replaceWith(same);
    }
  }
  return answer.innerHTML;
}
