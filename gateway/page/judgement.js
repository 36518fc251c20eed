// What a person is asked of one field, and what the answer means.

import { element, labelled } from "./elements.js";

const UNREADABLE = "?";
const CHOICES = {
  checkbox: { on: "marked", off: "not marked", [UNREADABLE]: "cannot be told" },
  signature: { signed: "signed", "": "not signed", [UNREADABLE]: "cannot be told" },
};
const HINT = "Enter takes it. Nothing means that nothing is written there, ? that nobody can read it.";

/**
 * The control, and `judgement()`: what it says now, or null where nothing was said yet. `stands` is the value that is
 * believed now, a person's or the reader's; `others` are further readings.
 */
export function question(field, stands, others) {
  const read = field.state === "filled" || field.state === "blank";
  const choices = choicesFor(field);
  const control = choices ? chosen(choices, field, stands) : typed(stands, others);
  return {
    ...control,
    isText: !choices,
    judgement() {
      const value = control.value();
      if (value === UNREADABLE) return { judgement: "unreadable" };
      if (value === null || (value === "" && !read)) return null;
      if (read && value === asText(field)) return { judgement: "confirmed" };
      return value === "" ? { judgement: "blank" } : { judgement: "corrected", value };
    },
  };
}

/** The value that a result or a correction stands for, as the control holds it. */
export function asText({ kind, state, value }) {
  if (state === "unreadable" || state === "not_read") return "";
  if (kind === "checkbox" && state === "blank") return "off";
  return state === "blank" ? "" : (value ?? "");
}

function choicesFor({ kind, value }) {
  const choices = CHOICES[kind];
  // Use cases of others may have words of their own for a box.
  return choices && (!value || value in choices) ? choices : null;
}

function typed(stands, others) {
  const lines = stands.split("\n").length;
  const id = "other-readings";
  const shape = { autocomplete: "off", spellcheck: "false", "aria-describedby": "how" };
  const field = lines > 1
    ? element("textarea", { ...shape, rows: lines + 1 })
    : element("input", { ...shape, type: "text", list: others.length ? id : null });
  field.value = stands;
  // Enter is the answer; a new line is written with Shift.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || lines === 1) return;
    event.preventDefault();
    field.form.requestSubmit();
  });
  const readings = element("datalist", { id }, ...others.map((value) => element("option", { value })));
  const place = [labelled("What is written there", field), readings, element("p", { id: "how" }, element("small", {}, HINT))];
  return { place, value: () => field.value.trim(), focus: () => (field.focus(), field.select?.()) };
}

function chosen(choices, field, stands) {
  const given = { type: "radio", name: "judged", required: true };
  const read = field.state === "filled" || field.state === "blank";
  const boxes = Object.entries(choices).map(([value, text]) => {
    const box = element("input", { ...given, value, checked: (read || stands !== "") && value === stands });
    return [box, element("label", {}, box, ` ${text}`)];
  });
  const radios = boxes.map(([box]) => box);
  return {
    place: [element("fieldset", { class: "choices" }, element("legend", {}, "It is"), ...boxes.map(([, label]) => label))],
    value: () => radios.find((box) => box.checked)?.value ?? null,
    focus: () => (radios.find((box) => box.checked) || radios[0]).focus(),
  };
}
