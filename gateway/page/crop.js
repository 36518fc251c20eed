// A piece of a page: the picture of the whole page behind a window.

import { drawn, element } from "./elements.js";
import { corners } from "./findings.js";

/**
 * The window and what fills it. `size` is the largest it may be, `around` how much of the page is shown around the
 * quad, in heights of the quad, and `outlined` whether the quad itself is drawn in.
 */
export function cropped(quad, page, shots, { alt, size, around, outlined }) {
  const places = corners(quad, page);
  const xs = places.map(([x]) => x);
  const ys = places.map(([, y]) => y);
  const margin = around * (Math.max(...ys) - Math.min(...ys)) + 4;
  const left = Math.max(0, Math.min(...xs) - margin);
  const top = Math.max(0, Math.min(...ys) - margin);
  const width = Math.min(page.width, Math.max(...xs) + margin) - left;
  const height = Math.min(page.height, Math.max(...ys) + margin) - top;
  const scale = Math.min(size.width / width, size.height / height, size.enlarged || 1);
  const window = element("div", { class: "crop" });
  window.style.width = `${width * scale}px`;
  window.style.height = `${height * scale}px`;
  const outline = outlined ? drawn("polygon", { points: places.join(" ") }) : null;
  const view = { viewBox: `${left} ${top} ${width} ${height}`, "aria-hidden": "true" };
  return {
    window,
    /** Rejects where there is no picture of the page. */
    async fill() {
      const src = await shots.of(page.number);
      const picture = element("img", { src, alt });
      picture.style.width = `${page.width * scale}px`;
      picture.style.transform = `translate(${-left * scale}px, ${-top * scale}px)`;
      window.append(picture);
      if (outline) window.append(drawn("svg", view, outline));
    },
  };
}
