/* What rings on the page rings in the room: two tones every three seconds for as long as an element says `data-rings`.

   Browsers keep a page silent until somebody has touched it. While that is so, the button of the alarm says that the
   sound is off and switches it on; the alarm itself stands there in either case.

   The sound test of a shift plays the same tones through the same voice. At the desk of an exercise
   (`<html data-exercise>`) the alarm is another one, which nobody takes for it: four low knocks. */

const EVERY = 3000;
const REAL = { tones: [880, 660], length: 0.28 };
const EXERCISE = { tones: [220, 220, 220, 220], length: 0.14 };
const ALARM = document.documentElement.hasAttribute("data-exercise") ? EXERCISE : REAL;
const BETWEEN_TESTS = 1.1;
const PATIENCE = 3000;
const SILENCE = 1500;

let sound;
let testing = false;
let after;

export function ringing() {
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  setInterval(ring, EVERY);
  ring();
}

/* Ring as often as `draw` says, for somebody who counts; "mute" where this machine makes no sound, "lost" where `draw`
   has no number. What rings on the page waits from the first moment to some time after the last tone: it is the same
   sound, and nobody could count. */
export async function ringFor(draw) {
  clearTimeout(after);
  testing = true;
  try {
    const times = await draw();
    if (times === null) {
      return "lost";
    }
    return (await awake()) ? await strikeSoMany(times) : "mute";
  } finally {
    after = setTimeout(() => (testing = false), SILENCE);
  }
}

async function strikeSoMany(times) {
  for (let count = 0; count < times; count += 1) {
    strike(sound.currentTime + 0.2 + count * BETWEEN_TESTS);
  }
  await pause(1000 * (0.2 + times * BETWEEN_TESTS));
  return "played";
}

async function awake() {
  try {
    sound ??= new AudioContext();
    await Promise.race([sound.resume(), pause(PATIENCE)]);
  } catch {
    return false;
  }
  return sound.state === "running";
}

function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

function wake() {
  if (document.querySelector("[data-rings]")) {
    sound ??= new AudioContext();
    sound.resume().then(offer);
  }
}

function ring() {
  const rings = document.querySelector("[data-rings]");
  if (rings && navigator.userActivation?.hasBeenActive) {
    sound ??= new AudioContext();
    sound.resume();
  }
  if (rings && sound?.state === "running" && !testing) {
    strike(sound.currentTime);
    document.documentElement.dataset.rang = Number(document.documentElement.dataset.rang ?? 0) + 1;
  }
  offer();
}

function strike(start) {
  ALARM.tones.forEach((pitch, place) => tone(pitch, start + place * ALARM.length));
}

function tone(pitch, start) {
  const voice = new OscillatorNode(sound, { type: "triangle", frequency: pitch });
  const loudness = new GainNode(sound, { gain: 0 });
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(0.5, start + 0.02);
  loudness.gain.linearRampToValueAtTime(0, start + ALARM.length);
  voice.connect(loudness).connect(sound.destination);
  voice.start(start);
  voice.stop(start + ALARM.length);
}

function offer() {
  for (const button of document.querySelectorAll("[data-sound]")) {
    button.hidden = sound?.state === "running";
  }
}
