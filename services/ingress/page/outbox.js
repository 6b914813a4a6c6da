// Messages on their way to the studio: one at a time, in the order written, shown from the first moment.

import { RefusedError, say } from "./request.js";

const SOON_MS = 1000; // an upload shorter than this needs no bar

export class Outbox {
  #conversation;
  #options;
  #waiting = [];
  #sending = null; // {message, line: AbortController}

  /**
   * @param {Conversation} conversation
   * @param {{onChange: (id, knownAs?) => void, onReturned: (message, refusal) => boolean}} options
   *   `onReturned` says whether the composer could take the message back.
   */
  constructor(conversation, options) {
    this.#conversation = conversation;
    this.#options = options;
  }

  /** @param {{id: string, text: string, replyTo: object|null, files: File[]}} message */
  send(message) {
    const mine = message.files.map((file, index) => ({
      id: `${message.id}/${index}`,
      url: URL.createObjectURL(file), // never revoked: the large view may show it as long as the page lives
      nature: "still",
      poster: "",
      width: 512,
      height: 512,
      duration: 0,
      alt: "Your picture",
    }));
    const inputs = message.replyTo ? [message.replyTo, ...mine] : mine;
    this.#conversation.putLocal(message, { inputs, at: new Date().toISOString() });
    this.#options.onChange(message.id);
    this.#waiting.push(message);
    if (!this.#sending) this.#run();
  }

  /** A button under an entry that only this page knows: stop, retry or discard. */
  press({ local: { message } }, action) {
    if (action === "retry") return this.send(message);
    if (action === "stop" && this.#sending?.message === message) return this.#sending.line.abort();
    this.#waiting = this.#waiting.filter((other) => other !== message);
    this.#conversation.dropLocal(message.id);
    return this.#options.onChange(message.id);
  }

  async #run() {
    while (this.#waiting.length) {
      const message = this.#waiting.shift();
      const line = new AbortController();
      this.#sending = { message, line };
      try {
        const knownAs = await say(message, { onProgress: this.#meter(message), signal: line.signal });
        this.#conversation.accept(message.id, knownAs);
        this.#options.onChange(message.id, knownAs);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        this.#return(message, error);
      } finally {
        this.#sending = null;
      }
    }
  }

  #meter(message) {
    const since = performance.now();
    return (percent) => {
      if (message.files.length === 0 || performance.now() - since < SOON_MS) return;
      const buttons = [{ label: "Cancel upload", action: "stop" }];
      const text = percent < 100 ? "Uploading…" : "Uploaded, waiting for the answer…";
      this.#conversation.patchLocal(message.id, { text, buttons }, { percent });
      this.#options.onChange(message.id);
    };
  }

  #return(message, refusal) {
    if (this.#conversation.confirmed(message.id)) return; // the answer was lost, the message was not
    if (this.#options.onReturned(message, refusal)) this.#conversation.dropLocal(message.id);
    else {
      const buttons = [
        { label: "Try again", action: "retry" },
        { label: "Discard", action: "discard" },
      ];
      this.#conversation.patchLocal(
        message.id,
        { status: "unsent", text: refusal.message, buttons },
        { percent: null },
      );
    }
    this.#options.onChange(message.id);
  }
}
