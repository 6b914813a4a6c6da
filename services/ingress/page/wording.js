// What the page says when the server has not said it.

const STATUS = {
  sent: "Sent",
  queued: "Queued",
  preparing: "Preparing",
  running: "Working",
  cancelling: "Cancelling",
  done: "",
  failed: "This did not work.",
  cancelled: "Cancelled",
  refused: "This can't be done.",
  note: "",
  unsent: "Not sent.",
};

/** The reader wants nothing to move by itself. */
export const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Statuses in which something is still to come. */
export const WAITING = new Set(["sent", "queued", "preparing", "running", "cancelling"]);

/** The sentence to show under an entry. */
export function sentence(entry) {
  return entry.text || STATUS[entry.status] || "";
}

/** What a listener hears when an entry has changed its status; empty for nothing. */
export function announcement(entry) {
  if (entry.status !== "done" || entry.pictures.length === 0) return sentence(entry);
  const what = nounOf(entry.pictures[0]);
  const many = entry.pictures.length > 1;
  const of = entry.said ? `: ${entry.said}` : "";
  return `${many ? `${entry.pictures.length} results` : what} ready${of}`;
}

/** What to call it: Picture, Video or Sound. */
export function nounOf(picture) {
  return { video: "Video", audio: "Sound" }[picture.nature] ?? "Picture";
}

export function altOf(picture) {
  return picture.alt || nounOf(picture);
}

/** How long something plays: 0:05, 12:30. */
export function length(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The time of day, with the date when it was not today. */
export function moment(at) {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return "";
  const time = { hour: "2-digit", minute: "2-digit" };
  const today = when.toDateString() === new Date().toDateString();
  return when.toLocaleString([], today ? time : { day: "numeric", month: "short", ...time });
}
