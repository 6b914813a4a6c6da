// What has been said so far: the entries in the order shown, the studio's and those still on their way to it.

const NOT_YET_SEEN = -1; // version of an entry that only this page knows

/** An entry the studio has not shown yet has `local`: `{message, percent}`. */
export class Conversation {
  #entries = new Map();

  get entries() {
    return [...this.#entries.values()];
  }

  get(id) {
    return this.#entries.get(id);
  }

  /** True once the studio itself has shown this entry. */
  confirmed(id) {
    return (this.#entries.get(id)?.version ?? NOT_YET_SEEN) > NOT_YET_SEEN;
  }

  /** Take the studio's history; what it does not know yet stays, at the end. */
  replace(entries) {
    const unseen = this.entries.filter((entry) => entry.local);
    this.#entries = new Map(entries.map((entry) => [entry.id, entry]));
    for (const entry of unseen) {
      if (!this.#entries.has(entry.id)) this.#entries.set(entry.id, entry);
    }
  }

  /** Insert or replace one entry. Returns false for one older than what is shown. */
  put(entry) {
    const shown = this.#entries.get(entry.id);
    if (shown && entry.version < shown.version) return false;
    this.#entries.set(entry.id, entry);
    return true;
  }

  /** Show a message at once, before the studio has it. */
  putLocal(message, { inputs, at }) {
    this.#entries.delete(message.id); // a second attempt stands at the end again
    this.#entries.set(message.id, {
      id: message.id,
      version: NOT_YET_SEEN,
      at,
      said: message.text,
      inputs,
      status: "sent",
      text: "Sending…",
      pictures: [],
      buttons: [],
      local: { message, percent: null },
    });
  }

  /** Change an entry that only this page knows. Does nothing when the studio has taken over. */
  patchLocal(id, changes, local = {}) {
    const entry = this.#entries.get(id);
    if (!entry?.local) return;
    this.#entries.set(id, { ...entry, ...changes, local: { ...entry.local, ...local } });
  }

  /** The studio has accepted message `id` and calls it `knownAs`. */
  accept(id, knownAs) {
    this.patchLocal(id, { id: knownAs, text: "", buttons: [] }, { percent: null });
    const entry = this.#entries.get(id);
    if (id === knownAs || !entry?.local) return;
    this.#entries.delete(id);
    if (!this.#entries.has(knownAs)) this.#entries.set(knownAs, entry);
  }

  /** Take away an entry that only this page knows. */
  dropLocal(id) {
    if (this.#entries.get(id)?.local) this.#entries.delete(id);
  }

  /** All there is to be seen, oldest first, for leafing through. */
  get pictures() {
    const seen = new Map();
    for (const entry of this.entries) {
      for (const picture of [...entry.inputs, ...entry.pictures]) seen.set(picture.id, picture);
    }
    return [...seen.values()].filter((picture) => picture.nature !== "audio");
  }

  /** What the person has said, oldest first. */
  get said() {
    return this.entries.map((entry) => entry.said).filter(Boolean);
  }
}
