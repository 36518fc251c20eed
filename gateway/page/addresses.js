// Where things are within the page; ids are what callers chose, so every part is encoded.

/** Of one request. */
export function requestAddress(id) {
  return `#/requests/${encodeURIComponent(id)}`;
}

/** Of a request's review, or of the review of one of its fields. */
export function reviewAddress(id, key) {
  const address = `#/review/${encodeURIComponent(id)}`;
  return key ? `${address}?field=${encodeURIComponent(key)}` : address;
}

/** Of the list, with filters and the place in it. */
export function listAddress(asked, cursor) {
  const wanted = new URLSearchParams(asked);
  wanted.delete("cursor");
  if (cursor) wanted.set("cursor", cursor);
  return wanted.size ? `#/requests?${wanted}` : "#/requests";
}
