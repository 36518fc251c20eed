// The list of requests; filters and place in it are in the address.

import { listAddress, requestAddress } from "./addresses.js";
import { list } from "./api.js";
import { element, labelled, row, table } from "./elements.js";
import { useCaseField } from "./sending.js";

const STATUSES = ["received", "processing", "ready", "partial", "rejected", "failed"];
const GROUPS = {
  "": "all",
  "received,processing": "not finished",
  "failed,partial,rejected": "not whole",
  "to review": "to review",
};
const COLUMNS = ["Request", "Status", "Use case", "Created"];

/** A status as people tell it apart, by word and colour. */
export function badge(status) {
  return element("span", { class: `status ${STATUSES.includes(status) ? status : ""}` }, status);
}

/** A time in the reader's own zone. */
export function moment(text) {
  return element("time", { datetime: text }, new Date(text).toLocaleString());
}

/** Filters, one page of requests, and the way to the next. */
export async function listing(place, asked) {
  document.title = "Requests \u2013 docbeam";
  const { requests, next } = await list(queryOf(asked));
  const names = [...new Set(requests.map((each) => each.use_case))].sort();
  const rows = requests.map((each) =>
    row(COLUMNS, [
      [
        element("a", { href: requestAddress(each.request_id) }, each.request_id),
        element("small", {}, each.document.location),
      ],
      [badge(each.status), each.error ? element("small", {}, each.error.code) : null, toReview(each)],
      each.use_case,
      moment(each.created_at),
    ]),
  );
  place.replaceChildren(
    element("h1", {}, "Requests"),
    filters(asked, names),
    rows.length ? table("Newest first", COLUMNS, rows) : element("p", {}, "No request is like that."),
    element(
      "nav",
      { class: "pager", "aria-label": "Further requests" },
      asked.has("cursor") ? element("a", { href: listAddress(asked, null) }, "Newest") : null,
      next ? element("a", { href: listAddress(asked, next), rel: "next" }, "Older") : null,
    ),
  );
}

function toReview({ request_id: id, to_review: count }) {
  if (!count) return null;
  return element("a", { class: "status review", href: `#/review/${encodeURIComponent(id)}` }, `${count} to review`);
}

function filters(asked, names) {
  const choices = { ...GROUPS, ...Object.fromEntries(STATUSES.map((each) => [each, each])) };
  const options = Object.entries(choices).map(([value, text]) =>
    element("option", { value, selected: value === (asked.get("status") || "") }, text),
  );
  const status = element("select", {}, ...options);
  const [useCase, proposals] = useCaseField(names, { value: asked.get("use_case") || "" });
  const since = element("input", { type: "datetime-local", value: asked.get("since") || "" });
  const until = element("input", { type: "datetime-local", value: asked.get("until") || "" });
  const form = element(
    "form",
    { class: "card filters", "aria-label": "Filters" },
    labelled("Status", status),
    labelled("Use case", useCase),
    labelled("From", since),
    labelled("Before", until),
    proposals,
    element("button", {}, "Filter"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = { status: status.value, use_case: useCase.value.trim(), since: since.value, until: until.value };
    const wanted = new URLSearchParams(Object.entries(given).filter(([, value]) => value));
    if (listAddress(wanted, null) === location.hash) window.dispatchEvent(new HashChangeEvent("hashchange"));
    else location.hash = listAddress(wanted, null);
  });
  return form;
}

function queryOf(asked) {
  const query = new URLSearchParams({ limit: "25" });
  const chosen = asked.get("status") || "";
  if (chosen === "to review") query.set("to_review", "true");
  else for (const status of chosen.split(",").filter(Boolean)) query.append("status", status);
  for (const name of ["use_case", "cursor"]) if (asked.get(name)) query.set(name, asked.get(name));
  for (const name of ["since", "until"]) {
    const time = new Date(asked.get(name) || NaN);
    if (!Number.isNaN(time.getTime())) query.set(name, time.toISOString());
  }
  return query;
}
