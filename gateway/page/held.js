// A request that is one person's for as long as they look at it.

import { Refused, giveBack, take } from "./api.js";

const NAME = "docbeam.reviewer";

/** The name that the person gave, for this tab. */
export const reviewer = {
  get: () => sessionStorage.getItem(NAME) || "",
  set: (name) => sessionStorage.setItem(NAME, name),
};

/** Keeps what was taken until `end`, which gives it back; so do leaving the part and closing the page. */
export function holding({ request_id: id, lock, until }, signal) {
  let ended = false;
  let timer;
  const plan = (end) => {
    if (!ended) timer = setTimeout(renew, Math.max(2000, (new Date(end) - Date.now()) / 2));
  };
  const renew = async () => {
    try {
      plan((await take(id, reviewer.get(), lock)).until);
    } catch (error) {
      // Another's by now: the next judgement is told so.
      if (!(error instanceof Refused)) plan(until);
    }
  };
  const end = () => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    window.removeEventListener("pagehide", end);
    giveBack(id, lock).catch(() => {});
  };
  signal.addEventListener("abort", end);
  window.addEventListener("pagehide", end);
  plan(until);
  if (signal.aborted) end();
  return { end };
}
