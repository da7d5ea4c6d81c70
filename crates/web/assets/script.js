// Improvements only: every page works without this file, but for reading the secret of a link, for which
// the page offers a field.
"use strict";

// Copies the text of the element that `data-copy` names.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    source.select();
    await navigator.clipboard?.writeText(source.value);
    button.textContent = "Copied";
  });
}

// Prints the page.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Filters the list that `data-filter` names.
for (const label of document.querySelectorAll("[data-filter]")) {
  const list = document.getElementById(label.dataset.filter);
  label.hidden = false;
  label.querySelector("input").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const item of list.children) {
      item.hidden = !item.textContent.toLowerCase().includes(wanted);
    }
  });
}

// A menu closes with Escape, and when the focus or a click is elsewhere.
for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

// A form is sent once: a second click while the first is on its way does nothing.
for (const form of document.querySelectorAll('form[method="post"]')) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // The page may come back from the browser's memory.
  addEventListener("pageshow", () => (sent = false));
}

// The message of the last form: reloading the page does not repeat it.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  history.replaceState(null, "", address);
}

// Reads the secret out of a link's fragment into the field that waits for it.
function fillSecret() {
  const field = document.querySelector("input[data-fragment]");
  const secret = new URLSearchParams(location.hash.slice(1)).get(field?.dataset.fragment);
  if (!secret) return;
  field.value = secret;
  history.replaceState(null, "", location.pathname);
}
fillSecret();
addEventListener("hashchange", fillSecret);

// Reads the secret out of a link's fragment, which never reaches a server or a log, and sends it in a
// form. Where an invitation was just answered, opening another link changes the fragment only.
function sendSecret() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(null, "", location.pathname);
  if (!token) return;
  const form = document.createElement("form");
  const field = document.createElement("input");
  Object.assign(form, { method: "post", action: "/invitations/accept/preview" });
  Object.assign(field, { type: "hidden", name: "token", value: token });
  form.append(field);
  document.body.append(form);
  form.submit();
}
if (location.pathname === "/invitations/accept") {
  sendSecret();
  addEventListener("hashchange", sendSecret);
}
