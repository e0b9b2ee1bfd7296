// Asks every second whether the story has moved, and then fetches the page anew. Without scripts, reloading does the same.

const seen = document.documentElement.dataset.version;

async function look() {
  try {
    const answer = await fetch("/state", { cache: "no-store" });
    if (answer.ok && (await answer.text()) !== seen) {
      location.reload();
      return;
    }
  } catch {
    // The demonstration was stopped; what is on the page stays readable.
  }
  setTimeout(look, 1000);
}

setTimeout(look, 1000);
document.querySelector(".step--now")?.scrollIntoView({ block: "center" });
