/* Passkeys are the browser's own and need a script: it asks the node what to ask for, the browser asks the officer, and the
   answer goes back as an ordinary form. Where the browser knows no passkeys the form stays hidden. */

const BYTES = ["challenge", "id"];

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (window.PublicKeyCredential) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      use(form);
    });
  }
}

async function use(form) {
  const complaint = form.querySelector("[role=alert]");
  complaint.hidden = true;
  try {
    const asked = await fetch(form.dataset.ask, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
    });
    if (!asked.ok || asked.redirected) {
      throw new Error("not asked");
    }
    const options = opened(await asked.json());
    form.elements.answer.value = JSON.stringify(closed(await navigator.credentials[form.dataset.passkey](options)));
    form.submit();
  } catch {
    complaint.hidden = false;
  }
}

/* What the node asks, with its bytes as bytes. */
function opened(value, name = "") {
  if (typeof value === "string") {
    return BYTES.includes(name) ? bytes(value) : value;
  }
  if (Array.isArray(value)) {
    return value.map((each) => opened(each));
  }
  if (value && typeof value === "object") {
    // The relying party's own id is a host name, and no bytes.
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, key === "rp" ? each : opened(each, key)]),
    );
  }
  return value;
}

/* What the passkey answered, with its bytes as text. */
function closed(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) {
      response[name] = text(credential.response[name]);
    }
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

function bytes(letters) {
  return Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
}

function text(buffer) {
  const letters = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
