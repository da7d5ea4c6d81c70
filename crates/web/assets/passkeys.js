// Passkeys need a script: the browser asks the authenticator for one page at a time. The server says what
// to ask for, and verifies what comes back; here it is handed over.
"use strict";

// Asks the server; a refusal is an error with its words.
async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const read = text === "" ? null : JSON.parse(text);
  if (answer.ok) return read;
  const fields = (read?.errors ?? []).map(({ pointer, message }) => `${pointer.slice(1)} ${message}`);
  throw new Error(fields.join("; ") || read?.detail || "The server did not answer.");
}

const encoded = (buffer) => {
  const bytes = new Uint8Array(buffer);
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};
const decoded = (text) => {
  const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
};
const known = ({ id, ...rest }) => ({ ...rest, id: decoded(id) });

// Passkeys belong to the name of the server: a page that was opened under a number can't use them.
function checkHost(id) {
  const host = location.hostname;
  if (host === id || host.endsWith(`.${id}`)) return;
  const port = location.port === "" ? "" : `:${location.port}`;
  throw new Error(`Open ${location.protocol}//${id}${port}${location.pathname} to use passkeys.`);
}

// Older browsers read no JSON themselves.
async function create(options) {
  checkHost(options.rp.id);
  const { response, id, type } = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decoded(options.challenge),
      user: { ...options.user, id: decoded(options.user.id) },
      excludeCredentials: options.excludeCredentials.map(known),
    },
  });
  return {
    id,
    type,
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      attestationObject: encoded(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

async function get(options) {
  checkHost(options.rpId);
  const { response, id, type } = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: decoded(options.challenge),
      allowCredentials: options.allowCredentials.map(known),
    },
  });
  return {
    id,
    type,
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      authenticatorData: encoded(response.authenticatorData),
      signature: encoded(response.signature),
      userHandle: response.userHandle && encoded(response.userHandle),
    },
  };
}

// What went wrong, for people. Browsers say little about a refusal, on purpose.
function words(error) {
  if (error.name === "NotAllowedError") return "No passkey was used. Try again, or use another way.";
  if (error.name === "InvalidStateError") return "This device has a passkey of your account already.";
  return error.message;
}

// Runs a form that has a script's work to do, and shows what went wrong in the form.
function run(form, work) {
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector("button");
  form.hidden = window.PublicKeyCredential === undefined;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      await work(new FormData(form));
    } catch (error) {
      problem.textContent = words(error);
      problem.hidden = false;
    }
    button.disabled = false;
  });
}

const adding = document.querySelector("form[data-passkey-add]");
if (adding) {
  run(adding, async (fields) => {
    const begun = await post("/api/auth/mfa/passkeys/begin", {
      current_password: fields.get("current_password"),
    });
    const credential = await create(begun.options);
    const added = await post("/api/auth/mfa/passkeys/finish", { name: fields.get("name"), credential });
    const codes = document.getElementById("recovery-codes");
    if (!added.recovery_codes) return location.reload();
    // Shown once: the person leaves this page when they are kept.
    codes.querySelector("textarea").value = added.recovery_codes.join("\n");
    codes.hidden = false;
    adding.hidden = true;
    codes.querySelector("h2").focus();
  });
}

const login = document.querySelector("form[data-passkey-login]");
if (login) {
  run(login, async () => {
    const begun = await post("/api/auth/login/passkey/begin");
    const credential = await get(begun.options);
    await post("/api/auth/login/passkey/finish", { credential });
    location.assign(login.dataset.next);
  });
}

const check = document.querySelector("form[data-passkey-check]");
if (check) {
  run(check, async () => {
    const begun = await post("/api/auth/mfa/verify/passkey/begin");
    const credential = await get(begun.options);
    await post("/api/auth/mfa/verify/passkey/finish", { credential });
    location.assign(check.dataset.next);
  });
}
