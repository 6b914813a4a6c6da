// What the page knows about the line to the studio, said once and quietly.

import { write } from "./dom.js";

const PATIENCE_MS = 800; // a line that is back this soon was never worth a word
const WORDS = { connecting: "Connecting…", connected: "Connected", lost: "Reconnecting…", ended: "Disconnected" };

export class Status {
  #parts;
  #state = "connecting";
  #timer;

  /** @param {(id: string) => HTMLElement} byId finds connection, lost, lost-text, reload and notice */
  constructor(byId) {
    this.#parts = {
      word: byId("connection"),
      lost: byId("lost"),
      text: byId("lost-text"),
      reload: byId("reload"),
      notice: byId("notice"),
    };
  }

  /** What the studio wants everybody to know; "" for nothing. */
  notice(text) {
    write(this.#parts.notice, text);
    this.#parts.notice.hidden = !text;
  }

  /** @param {"connecting"|"connected"|"lost"|"ended"} state */
  connection(state, sentence) {
    if (state === this.#state) return;
    this.#state = state;
    clearTimeout(this.#timer);
    if (state === "lost") this.#timer = setTimeout(() => this.#show("Connection lost. Reconnecting…"), PATIENCE_MS);
    else this.#show(sentence);
  }

  #show(sentence) {
    const { word, lost, text, reload } = this.#parts;
    word.dataset.state = this.#state;
    write(word, WORDS[this.#state]);
    write(text, sentence);
    lost.hidden = !sentence;
    reload.hidden = this.#state !== "ended";
  }
}
