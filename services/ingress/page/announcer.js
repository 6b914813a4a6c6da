// Tells those who can't see the page change: a live region for listeners, the tab's title for other tabs.

import { el } from "./dom.js";

const KEPT_MS = 10_000; // long enough to be spoken, short enough not to be found when reading on

export class Announcer {
  #region;
  #title = document.title;
  #unseen = 0;

  constructor(region) {
    this.#region = region;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.#unseen = 0;
      document.title = this.#title;
    });
  }

  /** Say it when the listener has a moment. */
  say(sentence) {
    if (!sentence) return;
    const line = el("p", { text: sentence });
    this.#region.append(line);
    setTimeout(() => line.remove(), KEPT_MS);
  }

  /** Count what arrived while the reader was elsewhere. */
  arrived() {
    if (!document.hidden) return;
    this.#unseen += 1;
    document.title = `(${this.#unseen}) ${this.#title}`;
  }
}
