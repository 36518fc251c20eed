// Elements are made here and nowhere else: what is shown becomes text, so that nothing in a document is ever markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Names of `on` are events; everything else of `given` is an attribute, left out where null or false. */
export function element(tag, given = {}, ...children) {
  return filled(document.createElement(tag), given, children);
}

/** Likewise of SVG. */
export function drawn(tag, given = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), given, children);
}

/** A table that keeps its meaning where a narrow screen stacks its cells. */
export function table(caption, columns, rows) {
  const head = columns.map((name) => element("th", { role: "columnheader", scope: "col" }, name));
  return element(
    "table",
    { role: "table" },
    element("caption", {}, caption),
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...head)),
    element("tbody", { role: "rowgroup" }, ...rows),
  );
}

/** A row; `cells` are in the order of `columns`. */
export function row(columns, cells, given = {}) {
  const made = cells.map((cell, n) => element("td", { role: "cell", "data-column": columns[n] }, ...[cell].flat()));
  return element("tr", { role: "row", ...given }, ...made);
}

/** A labelled control. */
export function labelled(text, control, hint) {
  return element("label", {}, element("span", {}, text), control, hint ? element("small", {}, hint) : null);
}

/** What went wrong, for people. */
export function failure(error) {
  return element("p", { class: "failure", role: "alert" }, error.message || String(error));
}

function filled(made, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (name === "on") {
      for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map(asNode));
  return made;
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}
