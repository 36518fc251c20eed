// One field under review: its piece of the page, what was read, and the question what is written there.

import { Refused } from "./api.js";
import { cropped } from "./crop.js";
import { element, failure } from "./elements.js";
import { nameOf, percent, readerOf, valueOf } from "./findings.js";
import { asText, question } from "./judgement.js";

const NOTHING_SAID = "Nothing was read there. Say what is written, or Blank, or Unreadable.";

/**
 * `before` is what was said of the field, if anything; `where` tells which of how many it is. `say` takes a judgement,
 * `next`, `back` (null at the first field) and `leave` go elsewhere. Gives the element and `focus()`.
 */
export function asking(field, { result, shots, before, where, say, next, back, leave }) {
  const stands = asText(before ? { ...before, kind: field.kind } : field);
  const asked = question(field, stands, otherReadings(field, result));
  const trouble = element("div", { "aria-live": "polite" });
  const button = (text, act, key) =>
    element("button", { type: "button", class: "quiet", disabled: !act, on: { click: act || (() => {}) } }, text, hint(key));

  const tell = async (judgement) => {
    if (!judgement) {
      trouble.replaceChildren(failure(new Error(NOTHING_SAID)));
      return;
    }
    const buttons = [...form.querySelectorAll("button:enabled")];
    for (const each of buttons) each.disabled = true;
    try {
      await say(judgement);
    } catch (error) {
      for (const each of buttons) each.disabled = false;
      trouble.replaceChildren(failure(error), ...whatToDo(error));
      asked.focus();
    }
  };
  // Where the answer is one of a few, these are among them.
  const short = asked.isText
    ? [button("Unreadable", () => tell({ judgement: "unreadable" })), button("Blank", () => tell({ judgement: "blank" }))]
    : [];
  const form = element(
    "form",
    {},
    ...asked.place,
    trouble,
    element("div", { class: "tools" }, element("button", {}, "Take it ", hint("Enter")), ...short),
    element("div", { class: "tools" }, button("Back ", back, "PageUp"), button("Next ", next, "PageDown"),
      button("Leave ", leave, "Escape")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell(asked.judgement());
  });
  const keys = { PageDown: next, PageUp: back, Escape: leave };
  form.addEventListener("keydown", (event) => {
    // A key that is held down must not judge the field that comes next, which nobody has looked at.
    const held = event.repeat && event.key === "Enter";
    if (!held && !(event.key in keys)) return;
    event.preventDefault();
    if (!held) keys[event.key]?.();
  }, true);

  const read = `${valueOf(field)}, ${percent(field.confidence)} sure, by ${readerOf(field, result)}`;
  const place = element(
    "section",
    { class: "card reviewed" },
    where,
    element("h1", {}, nameOf(field), field.rule ? element("small", {}, field.rule) : null),
    picture(field, result, shots),
    element("p", {}, "Read as: ", element("span", { class: "value" }, read)),
    before ? element("p", {}, `Said before: ${before.judgement}, ${valueOf(before)}`) : null,
    form,
  );
  return { place, focus: asked.focus };
}

function picture(field, result, shots) {
  const page = result.pages.find((each) => each.number === field.page && each.width && !each.error);
  if (!field.quad || !page) return element("p", { class: "no-value" }, "Where it is on the page is not known.");
  const size = { width: Math.min(820, window.innerWidth - 56), height: 0.42 * window.innerHeight, enlarged: 2 };
  const alt = `${field.name}, as it is on page ${page.number}`;
  const crop = cropped(field.quad, page, shots, { alt, size, around: 2, outlined: true });
  crop.fill().catch((error) => crop.window.replaceWith(failure(error)));
  return crop.window;
}

function otherReadings(field, result) {
  const page = result.pages.find((each) => each.number === field.page);
  const readings = (page?.outcomes || []).flatMap((each) => each.prediction.form?.fields || []);
  const reading = readings.find((each) => each.name === field.name);
  return (reading?.alternatives || []).map((each) => each.value).filter(Boolean);
}

function whatToDo(error) {
  if (!(error instanceof Refused) || error.code !== "review_lost") return [];
  const again = element("button", { type: "button" }, "Take it again");
  again.addEventListener("click", () => window.dispatchEvent(new HashChangeEvent("hashchange")));
  return [again];
}

function hint(key) {
  return key ? element("kbd", {}, key) : null;
}
