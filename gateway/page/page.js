// Which part is shown is in the address behind the #, so that the browser's back, reload and bookmarks work.

import { Refused, key } from "./api.js";
import { element, failure, labelled } from "./elements.js";
import { listing } from "./listing.js";
import { reviewing } from "./reviewing.js";
import { sending } from "./sending.js";
import { showing } from "./showing.js";

const main = document.getElementById("main");
const forget = document.getElementById("forget");
let leaving = new AbortController();

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [part, name] = path.split("/").map(decoded);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#/${part || "send"}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  forget.hidden = !key.get();
  const place = element("div");
  main.replaceChildren(place);
  try {
    if (part === "requests" && name) await showing(place, name, signal);
    else if (part === "requests") await listing(place, new URLSearchParams(query));
    else if (part === "review") await reviewing(place, name, new URLSearchParams(query), signal);
    else await sending(place);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof Refused && error.status === 401) askForKey(place, Boolean(key.get()));
    else place.append(failure(error));
  }
}

function askForKey(place, wasWrong) {
  document.title = "Key \u2013 docbeam";
  const field = element("input", { type: "password", autocomplete: "off", required: true, spellcheck: "false" });
  const form = element(
    "form",
    { class: "card narrow" },
    element("h1", {}, "Who are you?"),
    wasWrong ? element("p", { class: "failure", role: "alert" }, "This key is not known, or no longer valid.") : null,
    labelled("API key or token", field, "Kept in this tab only, until it is closed."),
    element("button", {}, "Go on"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    key.set(field.value.trim());
    show();
  });
  place.replaceChildren(form);
  field.focus();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

forget.addEventListener("click", () => {
  key.forget();
  show();
});
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", () => {
  show();
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
show();
