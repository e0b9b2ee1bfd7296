/* The sound test of whoever takes over the watch: the node draws how many times the alarm shall ring, the page rings it,
   and the officer writes down what was heard. The number stands nowhere on the page. */

import { ringFor } from "./ringing.js";

export function sounding() {
  for (const test of document.querySelectorAll("[data-sound-test]")) {
    const play = test.querySelector("[data-play]");
    play.hidden = false;
    play.addEventListener("click", () => run(test, play));
  }
}

async function run(test, play) {
  play.disabled = true;
  say(test, "playing");
  const ended = await ringFor(() => drawn(test));
  say(test, ended);
  play.disabled = false;
  if (ended === "played") {
    const heard = test.closest("form").elements.heard;
    heard.value = "";
    heard.focus();
  }
}

/* How many times to ring; null where the node did not say, or does not know who asks. */
async function drawn(test) {
  try {
    const answer = await fetch(test.dataset.soundTest, {
      method: "POST",
      headers: { "X-CSRFToken": test.closest("form").elements.csrfmiddlewaretoken.value },
      redirect: "error",
    });
    const times = Number(await answer.text());
    return answer.ok && times > 0 ? times : null;
  } catch {
    return null;
  }
}

function say(test, what) {
  for (const each of ["playing", "played", "mute", "lost"]) {
    test.querySelector(`[data-said-${each}]`).hidden = each !== what;
  }
}
