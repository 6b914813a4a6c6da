// Server-sent events out of a stream of text. Pure: bytes and sockets are the connection's business.

/** Feed it text as it comes; it returns the events completed by it. Comments and ids are skipped. */
export class EventParser {
  #rest = "";
  #event = "";
  #data = [];

  /** @returns {{event: string, data: string}[]} */
  feed(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line) {
    if (line === "") return this.#finish();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    if (field === "data") this.#data.push(value);
    return [];
  }

  #finish() {
    const done = this.#data.length ? [{ event: this.#event || "message", data: this.#data.join("\n") }] : [];
    this.#event = "";
    this.#data = [];
    return done;
  }
}
