// A page as a picture, with what was found drawn over it.

import { drawn, element, failure, labelled } from "./elements.js";
import { KINDS, SHOWN_FIRST, corners, percent } from "./findings.js";

const ZOOMS = [0.5, 0.75, 1, 1.5, 2, 3, 4, 6];

/** `place` is the element, `show(page number, field)` goes to a field. */
export function viewer(pages, findings, shots, signal) {
  const state = { number: pages[0].number, zoom: 1, shown: new Set(SHOWN_FIRST) };
  const nothingElse = [...findings.values()].flat().every((each) => !state.shown.has(each.kind));
  if (nothingElse) state.shown.add("lines");
  const about = element("p", { class: "about", "aria-live": "polite" });
  const sheet = element("div", { class: "sheet" });
  const stage = element("div", { class: "stage", tabindex: 0, role: "region", "aria-label": "Page" }, sheet);
  const trouble = element("div");
  const unplaced = element("ul", { class: "unplaced" });
  const choices = element("fieldset", { class: "kinds" }, element("legend", {}, "Drawn in"));
  const numbers = pages.map((page) => element("option", { value: page.number }, `${page.number}`));
  const chooser = element("select", {}, ...numbers);
  const nearer = element("button", { type: "button", class: "quiet", "aria-label": "Zoom in" }, "+");
  const farther = element("button", { type: "button", class: "quiet", "aria-label": "Zoom out" }, "\u2212");
  const fitting = element("button", { type: "button", class: "quiet" }, "Whole width");

  const tell = (finding) => about.replaceChildren(...(finding ? told(finding) : [HINT]));

  function zoom(to) {
    const middle = (stage.scrollLeft + stage.clientWidth / 2) / sheet.clientWidth;
    const height = (stage.scrollTop + stage.clientHeight / 2) / sheet.clientHeight;
    state.zoom = to;
    sheet.style.width = `${100 * to}%`;
    stage.scrollLeft = middle * sheet.clientWidth - stage.clientWidth / 2;
    stage.scrollTop = height * sheet.clientHeight - stage.clientHeight / 2;
  }
  const zoomIn = () => zoom(ZOOMS.find((each) => each > state.zoom) || ZOOMS.at(-1));
  const zoomOut = () => zoom(ZOOMS.findLast((each) => each < state.zoom) || ZOOMS[0]);

  async function turnTo(number) {
    state.number = number;
    chooser.value = number;
    const page = pages.find((each) => each.number === number);
    const found = findings.get(number);
    tell(null);
    trouble.replaceChildren();
    const kinds = Object.keys(KINDS).filter((kind) => found.some((each) => each.kind === kind));
    choices.hidden = !kinds.length;
    choices.replaceChildren(choices.firstChild, ...kinds.map((kind) => choice(kind, found)));
    unplaced.replaceChildren(
      ...found.filter((each) => !each.quad).map((each) => element("li", {}, ...told(each))),
    );
    sheet.style.aspectRatio = `${page.width} / ${page.height}`;
    sheet.replaceChildren(overlay(page, found));
    try {
      const address = await shots.of(number);
      if (state.number !== number) return;
      sheet.prepend(element("img", { src: address, alt: `Page ${number} of the document` }));
    } catch (error) {
      if (!signal.aborted && state.number === number) trouble.replaceChildren(failure(error));
    }
  }

  function choice(kind, found) {
    const count = found.filter((each) => each.kind === kind).length;
    const box = element("input", { type: "checkbox", checked: state.shown.has(kind) });
    box.addEventListener("change", () => {
      if (box.checked) state.shown.add(kind);
      else state.shown.delete(kind);
      sheet.querySelector(`g.${kind}`)?.classList.toggle("hidden", !box.checked);
    });
    return element("label", { class: kind }, box, `${KINDS[kind]} (${count})`);
  }

  function overlay(page, found) {
    const groups = Object.keys(KINDS).map((kind) => {
      const shapes = found.filter((each) => each.kind === kind && each.quad).map((each) => shape(each, page));
      return drawn("g", { class: state.shown.has(kind) ? kind : `${kind} hidden` }, ...shapes);
    });
    const size = `0 0 ${page.width} ${page.height}`;
    const given = { viewBox: size, preserveAspectRatio: "none", role: "group", "aria-label": "Findings" };
    return drawn("svg", given, ...groups);
  }

  function shape(finding, page) {
    // Words and lines are hundreds: they are read with the pointer, and do not stand in the way of the Tab key.
    const reached = finding.kind !== "words" && finding.kind !== "lines";
    const label = `${finding.name}: ${finding.text}`;
    const tabs = reached ? { tabindex: 0, role: "img", "aria-label": label } : {};
    const points = corners(finding.quad, page).join(" ");
    const on = { pointerenter: () => tell(finding), focus: () => tell(finding), click: () => tell(finding) };
    const made = drawn("polygon", { points, class: finding.doubtful ? "doubtful" : null, ...tabs, on });
    if (finding.field) shapes.set(finding.field, made);
    return made;
  }
  const shapes = new Map();

  async function show(field) {
    if (field.page !== state.number) await turnTo(field.page);
    const group = sheet.querySelector("g.fields");
    group.classList.remove("hidden");
    state.shown.add("fields");
    choices.querySelector("label.fields input").checked = true;
    for (const each of sheet.querySelectorAll(".chosen")) each.classList.remove("chosen");
    const made = shapes.get(field);
    if (!made) return;
    made.classList.add("chosen");
    made.scrollIntoView({ block: "center", inline: "center" });
    made.focus({ preventScroll: true });
  }

  nearer.addEventListener("click", zoomIn);
  farther.addEventListener("click", zoomOut);
  fitting.addEventListener("click", () => zoom(1));
  chooser.addEventListener("change", () => turnTo(Number(chooser.value)));
  stage.addEventListener("keydown", (event) => {
    const act = { "+": zoomIn, "=": zoomIn, "-": zoomOut, 0: () => zoom(1) }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
  const which = labelled(`Page (of ${pages.length})`, chooser);
  const tools = element("div", { class: "tools" }, which, farther, nearer, fitting);
  const parts = [element("h2", {}, "Page"), tools, choices, about, trouble, stage, unplaced];
  const place = element("section", { class: "card viewer" }, ...parts);
  turnTo(state.number);
  return { place, show };
}

const HINT = "Point at a finding, or reach it with Tab, to see its value, confidence and model. + and \u2212 zoom.";

function told({ name, text, confidence, by }) {
  const sure = confidence === undefined ? "" : `, confidence ${percent(confidence)}`;
  return [element("strong", {}, name), ` ${text}`, element("small", {}, `${by}${sure}`)];
}
