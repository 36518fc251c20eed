// The table of fields, least sure first, each with its piece of the page and what people have said of it.

import { reviewAddress } from "./addresses.js";
import { cropped } from "./crop.js";
import { element, row, table } from "./elements.js";
import { keyOf, nameOf, percent, readerOf, saidOf, valueOf } from "./findings.js";

const COLUMNS = ["Field", "On the page", "Value", "Confidence"];
const CROP = { size: { width: 160, height: 52 }, around: 0.25 };

/**
 * `sizes` are the pages by number; `shown` is the viewer, if there is a page to view; `judged` is what people have said:
 * `{corrections, to_review}`.
 */
export function fieldTable(id, result, sizes, shots, shown, judged) {
  const said = saidOf(judged.corrections);
  const sorted = [...result.fields].sort((a, b) => (a.confidence ?? 2) - (b.confidence ?? 2));
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      target.dispatchEvent(new Event("seen"));
    }
  });
  const rows = sorted.map((field) => {
    const placed = field.quad && sizes.has(field.page);
    const name = placed && shown
      ? element("button", { type: "button", class: "link", on: { click: () => shown.show(field) } }, nameOf(field))
      : nameOf(field);
    const told = said.get(keyOf(field));
    const marks = [
      field.review && !told ? element("span", { class: "status review" }, "review") : null,
      field.rule ? element("small", {}, field.rule) : null,
    ];
    const sure = element("span", { title: readerOf(field, result) }, percent(field.confidence));
    const crop = placed ? onceSeen(field, sizes.get(field.page), shots, seen) : "";
    const correct = element("a", { href: reviewAddress(id, keyOf(field)), "aria-label": `Correct ${nameOf(field)}` }, "Correct");
    const value = [values(field, told), told ? whoSaid(told) : [], element("div", {}, correct)].flat();
    const cells = [[name, ...marks], crop, value, sure];
    return row(COLUMNS, cells, { class: field.review && !told ? "review" : null });
  });
  return element(
    "section",
    { class: "card fields-table" },
    element("h2", {}, "Fields"),
    element("p", {}, `${result.fields.length} fields, ${judged.to_review} for review.`),
    judged.to_review ? element("p", {}, element("a", { class: "button", href: reviewAddress(id) }, "Review them")) : null,
    table("Lowest confidence first", COLUMNS, rows),
  );
}

function values(field, told) {
  const read = element("span", { class: field.state === "filled" ? "value" : "no-value" }, valueOf(field));
  if (!told || told.judgement === "confirmed") return read;
  const said = element("strong", { class: told.state === "filled" ? "value" : "no-value" }, valueOf(told));
  return [said, element("small", {}, "read as: ", element("s", {}, read))];
}

function whoSaid(told) {
  const who = told.reviewer || told.corrected_by;
  return [
    element("span", { class: "status ready" }, told.judgement),
    element("small", {}, `${who ? `${who}, ` : ""}${new Date(told.corrected_at).toLocaleString()}`),
  ];
}

function onceSeen(field, page, shots, seen) {
  const crop = cropped(field.quad, page, shots, { ...CROP, alt: `${field.name}, as it is on page ${page.number}` });
  crop.window.addEventListener("seen", () => crop.fill().catch(() => {}));
  seen.observe(crop.window);
  return crop.window;
}
