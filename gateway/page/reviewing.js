// Review: requests come one after another, and of each the fields that a person should look at.

import { requestAddress } from "./addresses.js";
import { judge, pictures, receive, take, takeNext } from "./api.js";
import { asking } from "./asking.js";
import { element, labelled } from "./elements.js";
import { keyOf, saidOf } from "./findings.js";
import { holding, reviewer } from "./held.js";
import { useCaseField, useCasesKnown } from "./sending.js";

const MOST_SKIPPED = 49;

/** One request (`id`), of it one field (`asked.field`), or one request after the other. */
export async function reviewing(place, id, asked, signal) {
  document.title = "Review \u2013 docbeam";
  if (id) {
    await oneRequest(place, await take(id, reviewer.get()), signal, asked.get("field"));
    if (!signal.aborted) location.hash = requestAddress(id);
    return;
  }
  const useCase = await beginning(place, await useCasesKnown());
  const skipped = [];
  let done = 0;
  while (!signal.aborted) {
    const held = await takeNext(reviewer.get(), useCase, skipped.slice(-MOST_SKIPPED));
    if (!held) break;
    const { judged, left } = await oneRequest(place, held, signal);
    done += judged;
    if (left) skipped.push(held.request_id);
  }
  if (signal.aborted) return;
  const later = skipped.length ? `, ${skipped.length} requests left for later` : "";
  place.replaceChildren(
    element(
      "section",
      { class: "card narrow", role: "status" },
      element("h1", {}, "Nothing left to review"),
      element("p", {}, `${done} fields judged${later}.`),
    ),
  );
}

/** Asks who reviews and what; settles once they begin. */
function beginning(place, names) {
  const who = element("input", { type: "text", maxlength: 128, autocomplete: "name", value: reviewer.get() });
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
      reviewer.set(who.value.trim());
      begun(useCase.value.trim());
    });
  });
}

/** Goes through the fields of a request that was taken; tells how many were judged and how many are left. */
async function oneRequest(place, taken, signal, only = null) {
  const { request_id: id, lock } = taken;
  const held = holding(taken, signal);
  const shots = pictures(id, signal);
  try {
    const { result, use_case: useCase } = await receive(id);
    const wanted = only ? new Set([only]) : new Set(taken.to_review.map(keyOf));
    const fields = result.fields.filter((field) => wanted.has(keyOf(field)));
    if (!fields.length) throw new Error(only ? "The request has no such field." : "Nothing of it is left to review.");
    let said = saidOf(taken.corrections);
    const judged = new Set();
    await stepThrough(place, fields.length, signal, (number, go) => {
      const field = fields[number];
      const say = async (judgement) => {
        const { name, instance, page } = field;
        const kept = await judge(id, lock, reviewer.get(), [{ name, instance, page, ...judgement }]);
        said = saidOf(kept.corrections);
        judged.add(keyOf(field));
        const next = fields.findIndex((each, n) => n > number && !judged.has(keyOf(each)));
        go(next < 0 ? fields.length : next);
      };
      return asking(field, {
        result,
        shots,
        before: said.get(keyOf(field)),
        where: placeAmong(number, fields.length, useCase, id),
        say,
        next: () => go(number + 1),
        back: number ? () => go(number - 1) : null,
        leave: () => (location.hash = requestAddress(id)),
      });
    });
    return { judged: judged.size, left: fields.length - judged.size };
  } finally {
    held.end();
    shots.release();
  }
}

/** Shows what `made(number, go)` gives for each number; settles after the last one, or when the person leaves. */
function stepThrough(place, count, signal, made) {
  return new Promise((ended) => {
    const go = (number) => {
      if (number >= count || signal.aborted) return ended();
      const shown = made(number, go);
      place.replaceChildren(shown.place);
      return shown.focus();
    };
    signal.addEventListener("abort", ended);
    go(0);
  });
}

function placeAmong(number, count, useCase, id) {
  const link = element("a", { href: requestAddress(id) }, id);
  return element("p", { class: "about" }, `Field ${number + 1} of ${count}, ${useCase}, `, link);
}
