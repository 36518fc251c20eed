// What was found, as things with a place on a page, whatever model found it.

/** Kinds of findings, in the order they are drawn in: the smaller ones on top. */
export const KINDS = {
  quality: "Quality",
  lines: "Lines",
  words: "Words",
  codes: "Codes and labels",
  fields: "Fields",
  boxes: "Boxes",
  signatures: "Signatures",
};

/** Shown at first. Words lie in lines already. */
export const SHOWN_FIRST = ["quality", "codes", "fields", "boxes", "signatures"];

/** By page number: `{kind, name, text, confidence, by, doubtful, quad}` each. */
export function findingsOf(result) {
  const found = new Map(result.pages.map((page) => [page.number, []]));
  for (const page of result.pages) {
    for (const outcome of page.outcomes) found.get(page.number).push(...ofModel(outcome));
  }
  for (const field of result.fields) {
    if (field.quad && found.has(field.page)) found.get(field.page).push(ofField(field, result));
  }
  return found;
}

/** A field's value, or what keeps it from having one. */
export function valueOf(field) {
  return field.state === "filled" ? (field.value ?? "") : field.state.replaceAll("_", " ");
}

/** The field's name; copies of a form are told apart. */
export function nameOf(field) {
  return field.instance > 1 ? `${field.name} (copy ${field.instance})` : field.name;
}

/** What tells a field from the others of its result. */
export function keyOf({ name, instance, page }) {
  return JSON.stringify([name, instance, page]);
}

/** What people have said, the last of each field, by its key. */
export function saidOf(corrections) {
  return new Map(corrections.map((each) => [keyOf(each.read), each]));
}

/** A quad's four corners in pixels of the page's picture; results give fractions of its sides. */
export function corners(quad, page) {
  return [0, 2, 4, 6].map((n) => [quad[n] * page.width, quad[n + 1] * page.height]);
}

/** 0..1 as people read it. */
export function percent(confidence) {
  return confidence === null || confidence === undefined ? "not told" : `${(100 * confidence).toFixed(1)} %`;
}

/** Who read a field: the model that laid the page on its blank, else the use case. */
export function readerOf(field, result) {
  const page = result.pages.find((each) => each.number === field.page);
  const reader = page?.outcomes.find((each) =>
    each.prediction.form?.fields.some((read) => read.name === field.name),
  );
  return reader ? modelOf(reader) : `${result.use_case} ${result.use_case_version}`.trim();
}

function ofField(field, result) {
  return {
    kind: "fields",
    name: nameOf(field),
    text: valueOf(field),
    confidence: field.confidence,
    by: readerOf(field, result),
    doubtful: field.review,
    quad: field.quad,
    field,
  };
}

function* ofModel(outcome) {
  const by = modelOf(outcome);
  const { lines, checkboxes, signatures, labels, barcodes, quality } = outcome.prediction;
  for (const line of lines) {
    const doubtful = line.state !== "read";
    const { quad, confidence } = line;
    yield { kind: "lines", name: line.state.replaceAll("_", " "), text: line.text, confidence, by, doubtful, quad };
    for (const word of line.words) {
      yield { kind: "words", name: "word", text: word.text, confidence: word.confidence, by, quad: word.quad };
    }
  }
  for (const box of checkboxes) {
    const name = box.radio ? "radio button" : "box";
    const doubtful = box.state === "unreadable";
    const { quad, confidence } = box;
    yield { kind: "boxes", name, text: box.state.replaceAll("_", " "), confidence, by, doubtful, quad };
  }
  for (const each of signatures) {
    const { quad, confidence } = each;
    yield { kind: "signatures", name: "signature", text: each.kind.replaceAll("_", " "), confidence, by, quad };
  }
  for (const each of barcodes) yield { kind: "codes", name: each.symbology, text: each.value, by, quad: each.quad };
  for (const each of labels.filter((label) => label.quad)) {
    yield { kind: "codes", name: each.name, text: each.value, confidence: each.confidence, by, quad: each.quad };
  }
  for (const each of quality?.defects.filter((defect) => defect.exceeded) || []) {
    const name = each.defect.replaceAll("_", " ");
    yield { kind: "quality", name, text: each.advice, by, doubtful: true, quad: each.quad };
  }
}

function modelOf({ model, version }) {
  return `${model} ${version}`.trim();
}
