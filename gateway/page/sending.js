// Send a document, by its location or as a file.

import { requestAddress } from "./addresses.js";
import { list, newId, send, takesUploads, upload, useCases } from "./api.js";
import { element, failure, labelled } from "./elements.js";

/** Those that are installed with the gateway and those of the latest requests; any name may be typed. */
export async function useCasesKnown() {
  const installed = await useCases();
  const { requests } = await list(new URLSearchParams({ limit: "200" })).catch((error) => {
    if (error.status === 403) return { requests: [] };
    throw error;
  });
  return [...new Set([...installed, ...requests.map((each) => each.use_case)])].sort();
}

/** A text field that proposes the use cases. */
export function useCaseField(names, given = {}) {
  const options = element("datalist", { id: "use-cases" }, ...names.map((name) => element("option", { value: name })));
  const shape = { pattern: "[a-z0-9][a-z0-9\\-]{0,62}", title: "small letters, digits and hyphens", list: "use-cases" };
  return [element("input", { ...shape, autocomplete: "off", spellcheck: "false", ...given }), options];
}

/** The form. */
export async function sending(place) {
  document.title = "Send \u2013 docbeam";
  // Asked for one after the other: who has no key yet is asked for it by the first.
  const names = await useCasesKnown();
  const uploads = await takesUploads();
  const where = element("input", {
    type: "text", inputmode: "url", maxlength: 2048, autocomplete: "off", spellcheck: "false",
    placeholder: "gs://bucket/form.pdf",
  });
  const file = element("input", { type: "file", accept: ".pdf,image/*" });
  const [useCase, options] = useCaseField(names, { required: true, placeholder: names[0] || "receipt" });
  const button = element("button", {}, "Send");
  let last = {};
  const said = element("div", { "aria-live": "polite" });
  const form = element(
    "form",
    { class: "card narrow" },
    element("h1", {}, "Send a document"),
    labelled("Location", where, "gs://, s3://, https:// or file://, as far as this gateway allows it"),
    uploads ? labelled("or a file", file, "PDF, PNG, JPEG, TIFF, WebP or BMP") : null,
    labelled("Use case", useCase, names.length ? `For example ${names.join(", ")}` : null),
    options,
    button,
    said,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = file.files[0];
    if (Boolean(chosen) === Boolean(where.value.trim())) {
      const text = uploads ? "Give either a location or a file." : "Give a location.";
      said.replaceChildren(failure(new Error(text)));
      where.focus();
      return;
    }
    button.disabled = true;
    try {
      if (chosen) said.replaceChildren(element("p", {}, "Uploading\u2026"));
      const address = chosen ? await upload(chosen) : where.value.trim();
      const content = `${useCase.value.trim()} ${address}`;
      // Sent again after no answer came, it is still one request.
      if (last.content !== content) last = { content, id: newId() };
      await send(last.id, address, useCase.value.trim());
      location.hash = requestAddress(last.id);
    } catch (error) {
      said.replaceChildren(failure(error));
    } finally {
      button.disabled = false;
    }
  });
  place.replaceChildren(form);
}
