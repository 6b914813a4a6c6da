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

/** Statuses in which something is still to come. */
export const WAITING = new Set(["sent", "queued", "preparing", "running", "cancelling"]);

/** The sentence to show under an entry. */
export function sentence(entry) {
  return entry.text || STATUS[entry.status] || "";
}

/** What a listener hears when an entry has changed its status; empty for nothing. */
export function announcement(entry) {
  if (entry.status !== "done") return sentence(entry);
  const films = entry.pictures.some(isFilm);
  const many = entry.pictures.length > 1;
  const what = films ? (many ? "Videos" : "Video") : many ? "Pictures" : "Picture";
  const of = entry.said ? `: ${entry.said}` : "";
  return entry.pictures.length ? `${what} ready${of}` : sentence(entry);
}

export function isFilm(picture) {
  return picture.mime.startsWith("video/");
}

export function altOf(picture) {
  return picture.alt || (isFilm(picture) ? "Video" : "Picture");
}

/** The name a downloaded picture gets: nothing of the prompt, only which one it is. */
export function fileName(picture) {
  const kind = picture.mime
    .split("/")[1]
    .replace("jpeg", "jpg")
    .replace(/[^a-z0-9]/g, "");
  return `darkroom-${picture.id.replace(/[^A-Za-z0-9]/g, "").slice(0, 8)}.${kind}`;
}

/** The time of day, with the date when it was not today. */
export function moment(at) {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return "";
  const time = { hour: "2-digit", minute: "2-digit" };
  const today = when.toDateString() === new Date().toDateString();
  return when.toLocaleString([], today ? time : { day: "numeric", month: "short", ...time });
}
