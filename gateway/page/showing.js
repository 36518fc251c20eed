// One request: its progress, and then what was read.

import { addressOf, corrections, hasEnded, pictures, watch } from "./api.js";
import { element, row, table } from "./elements.js";
import { fieldTable } from "./fields.js";
import { findingsOf } from "./findings.js";
import { badge, moment } from "./listing.js";
import { viewer } from "./viewer.js";

const MODELS = ["Model", "Version", "Pages", "Time", "Waited", "Share"];

/** Shown until the reader goes elsewhere, which `signal` tells. */
export async function showing(place, id, signal) {
  document.title = `${id} \u2013 docbeam`;
  const head = element("section", { class: "card" });
  const body = element("div");
  place.replaceChildren(element("h1", { class: "id" }, id), head, body);
  for await (const view of watch(id, signal)) {
    head.replaceChildren(...facts(view));
    if (!hasEnded(view)) continue;
    if (view.result) await results(body, view, signal);
    body.append(raw(view));
  }
}

function facts(view) {
  const { document: file, error, result } = view;
  const known = {
    Document: file.location,
    "Use case": view.use_case,
    Client: view.client_id,
    Sent: moment(view.created_at),
    Changed: moment(view.updated_at),
    Kept: element("span", {}, "until ", moment(view.expires_at)),
  };
  if (result?.document) known.File = `${result.document.media_type}, pages: ${result.document.page_count}`;
  const waits = hasEnded(view) ? null : element("progress", { "aria-label": "Being worked on" });
  const pairs = Object.entries(known).filter(([, value]) => value);
  const problems = [...(error ? [error] : []), ...(result?.errors || [])];
  const told = new Set(problems.map((each) => textOf(each)));
  return [
    element("p", { role: "status" }, badge(view.status), waits),
    ...[...told].map((text) => element("p", { class: "failure" }, text)),
    element("dl", {}, ...pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
  ];
}

function textOf({ code, message, stage, page }) {
  return `${code}: ${message}${stage ? ` (${stage}${page ? `, page ${page}` : ""})` : ""}`;
}

async function results(body, view, signal) {
  const { result } = view;
  const shots = pictures(view.request_id, signal);
  signal.addEventListener("abort", shots.release);
  const pages = result.pages.filter((page) => page.width && !page.error);
  const shown = pages.length ? viewer(pages, findingsOf(result), shots, signal) : null;
  const sizes = new Map(pages.map((page) => [page.number, page]));
  const judged = result.fields.length ? await corrections(view.request_id) : null;
  const fields = judged ? fieldTable(view.request_id, result, sizes, shots, shown, judged) : null;
  body.replaceChildren(
    element("div", { class: fields && shown ? "side-by-side" : "alone" }, shown?.place, fields),
    ...[texts(result), durations(result)].filter(Boolean),
  );
}

function texts(result) {
  const lines = result.pages.flatMap((page) => page.outcomes.flatMap((each) => each.prediction.lines));
  if (!lines.length) return null;
  const text = element("pre", { tabindex: 0, "aria-label": "Text" }, lines.map((line) => line.text).join("\n"));
  return element("details", { class: "card" }, element("summary", {}, `Text (${lines.length} lines)`), text);
}

function durations(result) {
  const byModel = new Map();
  for (const page of result.pages) {
    for (const each of page.outcomes) {
      const known = byModel.get(each.model) || { versions: new Set(), states: {}, ms: 0, waited: 0 };
      if (each.version) known.versions.add(each.version);
      known.states[each.state] = (known.states[each.state] || 0) + 1;
      known.ms += each.duration_ms;
      known.waited += each.waited_ms;
      byModel.set(each.model, known);
    }
  }
  const all = Math.max(1, ...[...byModel.values()].map((each) => each.ms));
  const rows = [...byModel].sort(([, a], [, b]) => b.ms - a.ms).map(([name, each]) =>
    row(MODELS, [
      name,
      [...each.versions].join(", "),
      Object.entries(each.states).map(([state, n]) => `${n} ${state.replaceAll("_", " ")}`).join(", "),
      `${Math.round(each.ms)} ms`,
      `${Math.round(each.waited)} ms`,
      element("meter", { min: 0, max: all, value: each.ms, "aria-label": `time of ${name}` }),
    ]),
  );
  const { received_at, finished_at, fetch_ms } = result.timings;
  const seconds = (new Date(finished_at) - new Date(received_at)) / 1000;
  const whole = `${seconds.toFixed(1)} s from receipt to result, ${Math.round(fetch_ms)} ms of them to fetch.`;
  return element(
    "section",
    { class: "card" },
    element("h2", {}, "Time"),
    element("p", {}, whole),
    rows.length ? table("Models, slowest first", MODELS, rows) : null,
  );
}

function raw(view) {
  const text = element("pre", { tabindex: 0, "aria-label": "JSON" });
  const title = element("summary", {}, `JSON of ${addressOf(view.request_id)}`);
  const box = element("details", { class: "card" }, title, text);
  box.addEventListener("toggle", () => {
    if (box.open && !text.textContent) text.textContent = JSON.stringify(view, null, 2);
  });
  return box;
}

