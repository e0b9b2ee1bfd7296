/* Says beside a text when it is longer than its field may be. Nothing is cut off: what was pasted stays to be shortened.
   A text so long that no draft could hold it is not sent over a slow line only to be refused. */

const MOST_SENT = 100_000;

export function lengths() {
  for (const text of document.querySelectorAll("textarea[data-limit]")) {
    const line = document.querySelector(`[data-length-of="${text.id}"] > span`);
    const limit = Number(text.dataset.limit);
    const say = () => {
      const length = characters(text);
      line.hidden = length <= limit;
      line.querySelector("bdi").textContent = new Intl.NumberFormat(document.documentElement.lang).format(length);
    };
    text.addEventListener("input", say);
    text.form.addEventListener("submit", (event) => {
      if (characters(text) > MOST_SENT) {
        event.preventDefault();
        say();
        text.focus();
      }
    });
    say();
  }
}

function characters(text) {
  return text.value.length > MOST_SENT ? text.value.length : [...text.value].length;
}
