/* What rings on the page rings in the room: two tones every three seconds for as long as an element says `data-rings`.

   Browsers keep a page silent until somebody has touched it. While that is so, the button of the alarm says that the
   sound is off and switches it on; the alarm itself stands there in either case. */

const EVERY = 3000;
const TONES = [880, 660];
const LENGTH = 0.28;

let sound;

export function ringing() {
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  setInterval(ring, EVERY);
  ring();
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
  if (rings && sound?.state === "running") {
    TONES.forEach((pitch, place) => tone(pitch, sound.currentTime + place * LENGTH));
    document.documentElement.dataset.rang = Number(document.documentElement.dataset.rang ?? 0) + 1;
  }
  offer();
}

function tone(pitch, start) {
  const voice = new OscillatorNode(sound, { type: "triangle", frequency: pitch });
  const loudness = new GainNode(sound, { gain: 0 });
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(0.5, start + 0.02);
  loudness.gain.linearRampToValueAtTime(0, start + LENGTH);
  voice.connect(loudness).connect(sound.destination);
  voice.start(start);
  voice.stop(start + LENGTH);
}

function offer() {
  for (const button of document.querySelectorAll("[data-sound]")) {
    button.hidden = sound?.state === "running";
  }
}
