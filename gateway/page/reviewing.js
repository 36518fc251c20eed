// Review: fields come one after another, by keyboard alone, and a request is one person's meanwhile.

import { Refused, giveBack, judge, pictures, receive, take, takeNext } from "./api.js";
import { cropped } from "./crop.js";
import { element, failure, labelled } from "./elements.js";
import { keyOf, nameOf, percent, readerOf, saidOf, valueOf } from "./findings.js";
import { asText, question } from "./judgement.js";
import { useCaseField, useCasesKnown } from "./sending.js";

const NAME = "docbeam.reviewer";
const reviewer = () => sessionStorage.getItem(NAME) || "";
const MOST_SKIPPED = 49;

/** One request (`id`), of it one field (`asked.field`), or one request after the other. */
export async function reviewing(place, id, asked, signal) {
  document.title = "Review \u2013 docbeam";
  if (id) {
    const held = await take(id, reviewer());
    await oneRequest(place, held, signal, asked.get("field"));
    if (!signal.aborted) location.hash = `#/requests/${encodeURIComponent(id)}`;
    return;
  }
  const names = await useCasesKnown();
  const useCase = await beginning(place, names);
  const skipped = [];
  let done = 0;
  while (!signal.aborted) {
    const held = await takeNext(reviewer(), useCase, skipped.slice(-MOST_SKIPPED));
    if (!held) break;
    const judged = await oneRequest(place, held, signal);
    done += judged.count;
    if (judged.left) skipped.push(held.request_id);
  }
  if (signal.aborted) return;
  place.replaceChildren(
    element(
      "section",
      { class: "card narrow", role: "status" },
      element("h1", {}, "Nothing left to review"),
      element("p", {}, `${done} fields judged${skipped.length ? `, ${skipped.length} requests left for later` : ""}.`),
    ),
  );
}

/** Asks who reviews and what; settles once they begin. */
function beginning(place, names) {
  const who = element("input", { type: "text", maxlength: 128, autocomplete: "name", value: reviewer() });
  const [useCase, options] = useCaseField(names);
  const form = element(
    "form",
    { class: "card narrow" },
    element("h1", {}, "Review"),
    element("p", {}, "Fields that were not read surely come one after another, the oldest request first."),
    labelled("Your name", who, "Kept with what you say, for others to read."),
    labelled("Use case", useCase, "Empty: any"),
    options,
    element("button", {}, "Begin"),
  );
  place.replaceChildren(form);
  who.focus();
  return new Promise((begun) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sessionStorage.setItem(NAME, who.value.trim());
      begun(useCase.value.trim());
    });
  });
}

/** Goes through the fields of a request that is held; tells how many were judged and how many are left. */
async function oneRequest(place, held, signal, only = null) {
  const { request_id: id, lock } = held;
  const kept = keeping(held, signal);
  try {
    const { result, use_case: useCase } = await receive(id);
    const wanted = only ? new Set([only]) : new Set(held.to_review.map(keyOf));
    const fields = result.fields.filter((field) => wanted.has(keyOf(field)));
    if (!fields.length) throw new Error(only ? "The request has no such field." : "Nothing of it is left to review.");
    const shots = pictures(id, signal);
    signal.addEventListener("abort", shots.release);
    const state = { id, lock, result, useCase, fields, shots, said: saidOf(held.corrections), judged: new Set() };
    await stepThrough(place, state, signal, Boolean(only));
    shots.release();
    return { count: state.judged.size, left: fields.length - state.judged.size };
  } finally {
    kept.end();
    giveBack(id, lock).catch(() => {});
  }
}

/** Has the request stay this person's for as long as they look at it. */
function keeping(held, signal) {
  let until = held.until;
  const renew = async () => {
    until = (await take(held.request_id, reviewer(), held.lock).catch(() => ({ until }))).until;
    plan();
  };
  let timer;
  const plan = () => {
    timer = setTimeout(renew, Math.max(2000, (new Date(until) - Date.now()) / 2));
  };
  plan();
  const end = () => clearTimeout(timer);
  signal.addEventListener("abort", end);
  return { end };
}

/** Settles when the last field is judged or left, or the person leaves. */
function stepThrough(place, state, signal, single) {
  const { fields } = state;
  let at = 0;
  return new Promise((ended) => {
    signal.addEventListener("abort", ended);
    if (signal.aborted) ended();
    const go = (to) => {
      if (to < 0) return;
      if (to >= fields.length || (single && state.judged.size)) ended();
      else show((at = to));
    };
    const nextUnjudged = () => {
      const next = fields.findIndex((field, n) => n > at && !state.judged.has(keyOf(field)));
      go(next < 0 ? fields.length : next);
    };
    const leave = () => {
      location.hash = `#/requests/${encodeURIComponent(state.id)}`;
    };

    function show(number) {
      const field = fields[number];
      const before = state.said.get(keyOf(field));
      const stands = asText(before ? { ...before, kind: field.kind } : field);
      const asked = question(field, stands, otherReadings(field, state.result));
      const trouble = element("div", { "aria-live": "polite" });
      const unreadable = element("button", { type: "button", class: "quiet" }, "Unreadable");
      const blank = element("button", { type: "button", class: "quiet" }, "Blank");
      // Where the answer is one of a few, these are among them.
      const short = asked.isText ? [unreadable, blank] : [];
      const later = element("button", { type: "button", class: "quiet" }, "Next ", key("PageDown"));
      const back = element("button", { type: "button", class: "quiet", disabled: number === 0 }, "Back ", key("PageUp"));
      const away = element("button", { type: "button", class: "quiet" }, "Leave ", key("Escape"));
      const form = element(
        "form",
        {},
        ...asked.place,
        trouble,
        element("div", { class: "tools" }, element("button", {}, "Take it ", key("Enter")), ...short),
        element("div", { class: "tools" }, back, later, away),
      );
      const say = async (judgement) => {
        if (!judgement) {
          trouble.replaceChildren(failure(new Error("Nothing was read there. Say what is written, or Blank, or Unreadable.")));
          return;
        }
        for (const button of form.querySelectorAll("button")) button.disabled = true;
        const { name, instance, page } = field;
        try {
          const said = await judge(state.id, state.lock, reviewer(), [{ name, instance, page, ...judgement }]);
          state.said = saidOf(said.corrections);
          state.judged.add(keyOf(field));
          nextUnjudged();
        } catch (error) {
          trouble.replaceChildren(failure(error), ...whatToDo(error, state.id));
          for (const button of form.querySelectorAll("button")) button.disabled = button === back && number === 0;
          asked.focus();
        }
      };
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        say(asked.judgement());
      });
      form.addEventListener("keydown", (event) => {
        const act = { PageDown: () => go(number + 1), PageUp: () => go(number - 1), Escape: leave }[event.key];
        if (!act) return;
        event.preventDefault();
        act();
      });
      unreadable.addEventListener("click", () => say({ judgement: "unreadable" }));
      blank.addEventListener("click", () => say({ judgement: "blank" }));
      later.addEventListener("click", () => go(number + 1));
      back.addEventListener("click", () => go(number - 1));
      away.addEventListener("click", leave);
      place.replaceChildren(sheet(field, number, state, before, form));
      asked.focus();
    }
    show(0);
  });
}

function sheet(field, number, state, before, form) {
  const { result, fields } = state;
  const read = `${valueOf(field)}, ${percent(field.confidence)} sure, by ${readerOf(field, result)}`;
  const link = element("a", { href: `#/requests/${encodeURIComponent(state.id)}` }, state.id);
  return element(
    "section",
    { class: "card reviewed" },
    element("p", { class: "about" }, `Field ${number + 1} of ${fields.length}, ${state.useCase}, `, link),
    element("h1", { id: "field-name" }, nameOf(field), field.rule ? element("small", {}, field.rule) : null),
    picture(field, state),
    element("p", {}, "Read as: ", element("span", { class: "value" }, read)),
    before ? element("p", {}, `Said before: ${before.judgement}, ${valueOf(before)}`) : null,
    form,
  );
}

function picture(field, { result, shots }) {
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

function whatToDo(error, id) {
  if (!(error instanceof Refused) || error.code !== "review_lost") return [];
  const again = element("button", { type: "button" }, "Take it again");
  again.addEventListener("click", () => window.dispatchEvent(new HashChangeEvent("hashchange")));
  return [element("p", {}, `${id} was yours for too long without a word.`), again];
}

function key(name) {
  return element("kbd", {}, name);
}
