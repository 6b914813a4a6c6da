// The two requests a person can cause, and what their failures mean to the person.

const TEXT_TIMEOUT_MS = 60_000; // a text is small: longer than this is a dead line. Uploads may take their time.

/** The request did not do it. `message` is one sentence for the person. */
export class RefusedError extends Error {
  /**
   * @param {string} sentence
   * @param {{code: string, retryable?: boolean}} how `retryable`: the same request may work later.
   */
  constructor(sentence, { code, retryable = false }) {
    super(sentence);
    this.code = code;
    this.retryable = retryable;
  }
}

/** A random (version 4) UUID. `crypto.randomUUID` is missing on plain http, where hidden services live. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * Post one message; posting it again under the same id is safe.
 * @param {{id: string, text: string, replyTo: object|null, files: File[]}} message
 * @param {{onProgress: (percent: number) => void, signal: AbortSignal}} options
 * @returns {Promise<string>} the id the studio knows it by
 * @throws {RefusedError}
 */
export function say(message, { onProgress, signal }) {
  const form = new FormData();
  form.append("id", message.id);
  form.append("text", message.text);
  form.append("reply_to", message.replyTo?.id ?? "");
  // A file's name can say more than its picture, so it stays here.
  message.files.forEach((file, index) => form.append("file", file, `picture-${index + 1}`));

  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch can't report the progress of an upload
    request.open("POST", "/say");
    request.responseType = "json";
    request.timeout = message.files.length ? 0 : TEXT_TIMEOUT_MS;
    request.upload.onprogress = (sent) => sent.lengthComputable && onProgress((100 * sent.loaded) / sent.total);
    request.onload = () =>
      request.status < 300
        ? resolve(request.response?.id ?? message.id)
        : reject(refusal(request.status, request.response));
    request.onerror = request.ontimeout = () => reject(unreachable());
    request.onabort = () => reject(new RefusedError("The upload was stopped.", { code: "stopped" }));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/**
 * Press a button under an entry.
 * @param {{id: string, entry: string, action: string, image: string}} what
 * @throws {RefusedError}
 */
export async function press(what) {
  const response = await fetch("/press", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(what),
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw refusal(response.status, await response.json().catch(() => null));
}

function unreachable() {
  return new RefusedError("Darkroom could not be reached. It is safe to try again: nothing is made twice.", {
    code: "unreachable",
    retryable: true,
  });
}

function refusal(status, body) {
  const retryable = status >= 500 || status === 429 || status === 408;
  return new RefusedError(body?.error || standIn(status), { code: body?.code ?? `http-${status}`, retryable });
}

function standIn(status) {
  if (status === 413) return "That is too large to send.";
  if (status === 401 || status === 403) return "This session has ended. Reload the page to start a new one.";
  if (status === 429) return "That was a bit fast. Wait a moment and try again.";
  if (status >= 500) return "Darkroom can't take this just now. Nothing was kept.";
  return "Darkroom did not accept this.";
}
