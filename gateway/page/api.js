// Calls of the public API; nothing else is asked.

const KEY = "docbeam.key";

/** A call that was refused, with the problem it was answered with. */
export class Refused extends Error {
  constructor(status, problem, retryAfter) {
    super([problem.title, problem.detail].filter(Boolean).join(" \u2013 ") || `The gateway answered ${status}.`);
    this.status = status;
    this.code = problem.code || "";
    this.retryAfter = retryAfter;
  }
}

/** The key is kept for this tab, until it is closed. */
export const key = {
  get: () => sessionStorage.getItem(KEY),
  set: (text) => sessionStorage.setItem(KEY, text),
  forget: () => sessionStorage.removeItem(KEY),
};

/** The answer; raises Refused. 304 is an answer. */
export async function call(path, options = {}) {
  const headers = new Headers(options.headers);
  if (key.get()) headers.set("X-API-Key", key.get());
  const answer = await fetch(path, { cache: "no-store", credentials: "same-origin", ...options, headers });
  if (answer.ok || answer.status === 304) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, problem, Number(answer.headers.get("Retry-After")) || 0);
}

/** Of a request id, which may hold a colon. */
export function addressOf(id) {
  return `v1/requests/${encodeURIComponent(id)}`;
}

/** A new request's id. `randomUUID` is only there where the page came over TLS or from this machine. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a document that lies somewhere. The same id with the same content is the same request. */
export async function send(id, location, useCase) {
  await posted("v1/requests", { request_id: id, location, use_case: useCase });
}

/** Have a file kept; gives its location. */
export async function upload(file) {
  const headers = { "Content-Type": "application/octet-stream" };
  return (await (await call("v1/documents", { method: "POST", body: file, headers })).json()).location;
}

/** Whether files may be uploaded here, with this key: an empty one is refused as empty only where others are taken. */
export async function takesUploads() {
  if (takes.key !== key.get()) {
    const refused = await upload(new Blob([])).catch((error) => error);
    takes = { key: key.get(), answer: refused.code === "document_empty" };
  }
  return takes.answer;
}

let takes = {};

/** Names of the use cases that are installed with the gateway; workers may have others. */
export async function useCases() {
  return (await (await call("v1/use-cases")).json()).map((each) => each.name);
}

/** Take the oldest request with fields to review that nobody has; null where there is none. */
export async function takeNext(reviewer, useCase, skip) {
  const answer = await posted("v1/reviews", { reviewer, use_case: useCase || null, skip });
  return answer.status === 204 ? null : answer.json();
}

/** Take this request to review or, with its lock, keep it. */
export async function take(id, reviewer, lock = null) {
  return (await posted(`${addressOf(id)}/review`, { reviewer, lock }, "PUT")).json();
}

/** Give it back for others; done even while the page is left. */
export async function giveBack(id, lock) {
  const query = new URLSearchParams({ lock });
  await call(`${addressOf(id)}/review?${query}`, { method: "DELETE", keepalive: true });
}

/** Say what stands in fields; gives `{corrections, to_review}`. */
export async function judge(id, lock, reviewer, judgements) {
  return (await posted(`${addressOf(id)}/corrections`, { lock, reviewer, judgements })).json();
}

/** What people have said of a request's fields, oldest first, and how many are left: `{corrections, to_review}`. */
export async function corrections(id) {
  return (await call(`${addressOf(id)}/corrections`)).json();
}

/** The request as it is now. */
export async function receive(id) {
  return (await call(addressOf(id))).json();
}

function posted(path, body, method = "POST") {
  return call(path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}

/** A page of the list. `query` is a URLSearchParams. */
export async function list(query) {
  return (await call(`v1/requests?${query}`)).json();
}

/** The request at each change until it has ended; each time with its whole view. */
export async function* watch(id, signal) {
  let etag = "";
  while (true) {
    const asked = Date.now();
    const headers = etag ? { "If-None-Match": etag } : {};
    let answer;
    try {
      answer = await call(`${addressOf(id)}${etag ? "?wait=20s" : ""}`, { headers, signal });
    } catch (error) {
      const passes = !(error instanceof Refused) || error.status === 503 || error.status === 429;
      if (signal.aborted || !passes || !etag) throw error;
      await pause(error.retryAfter || 3);
      continue;
    }
    if (answer.status === 304) {
      // A gateway on which too many wait answers at once.
      if (Date.now() - asked < 2000) await pause(2);
      continue;
    }
    etag = answer.headers.get("ETag");
    const view = await answer.json();
    yield view;
    if (hasEnded(view)) return;
  }
}

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

/** Whether a request will not change by waiting. */
export function hasEnded(view) {
  return view.status !== "received" && view.status !== "processing";
}

/** Pictures of the pages of one request, each fetched once; `release` gives their memory back. */
export function pictures(id, signal) {
  const known = new Map();
  const load = async (number) => {
    const answer = await call(`${addressOf(id)}/pages/${number}.png?overlay=false`, { signal });
    return URL.createObjectURL(await answer.blob());
  };
  return {
    of(number) {
      if (!known.has(number)) {
        known.set(number, load(number));
        // What failed may be asked for again.
        known.get(number).catch(() => known.delete(number));
      }
      return known.get(number);
    },
    release() {
      for (const each of known.values()) each.then(URL.revokeObjectURL, () => {});
    },
  };
}
