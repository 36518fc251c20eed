// The table of fields, least sure first, each with its piece of the page.

import { element, row, table } from "./elements.js";
import { corners, nameOf, percent, readerOf, valueOf } from "./findings.js";

const COLUMNS = ["Field", "On the page", "Value", "Confidence"];
const CROP = { width: 190, height: 56, margin: 0.25 };

/** `sizes` are the pages by number; `shown` is the viewer, if there is a page to view. */
export function fieldTable(result, sizes, shots, shown) {
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
    const marks = [
      field.review ? element("span", { class: "status review" }, "review") : null,
      field.rule ? element("small", {}, field.rule) : null,
    ];
    const value = element("span", { class: field.state === "filled" ? "value" : "no-value" }, valueOf(field));
    const sure = element("span", { title: readerOf(field, result) }, percent(field.confidence));
    const crop = placed ? cropped(field, sizes.get(field.page), shots, seen) : "";
    return row(COLUMNS, [[name, ...marks], crop, value, sure], { class: field.review ? "review" : null });
  });
  const review = result.fields.filter((field) => field.review).length;
  return element(
    "section",
    { class: "card fields-table" },
    element("h2", {}, "Fields"),
    element("p", {}, `${result.fields.length} fields, ${review} for review.`),
    table("Lowest confidence first", COLUMNS, rows),
  );
}

/** The picture of the whole page behind a window of the field's size; it is loaded once the row is seen. */
function cropped(field, page, shots, seen) {
  const places = corners(field.quad, page);
  const xs = places.map(([x]) => x);
  const ys = places.map(([, y]) => y);
  const margin = CROP.margin * (Math.max(...ys) - Math.min(...ys)) + 4;
  const left = Math.max(0, Math.min(...xs) - margin);
  const top = Math.max(0, Math.min(...ys) - margin);
  const width = Math.min(page.width, Math.max(...xs) + margin) - left;
  const height = Math.min(page.height, Math.max(...ys) + margin) - top;
  const scale = Math.min(CROP.width / width, CROP.height / height, 1);
  const window = element("div", { class: "crop" });
  window.style.width = `${width * scale}px`;
  window.style.height = `${height * scale}px`;
  window.addEventListener("seen", async () => {
    const src = await shots.of(page.number).catch(() => null);
    if (!src) return;
    const picture = element("img", { src, alt: `${field.name}, as it is on page ${page.number}` });
    picture.style.width = `${page.width * scale}px`;
    picture.style.transform = `translate(${-left * scale}px, ${-top * scale}px)`;
    window.append(picture);
  });
  seen.observe(window);
  return window;
}
