// Where the person writes: the text box, the added pictures, and the picture chosen for editing.

import { Attachments } from "./attachments.js";
import { el } from "./dom.js";
import { icon } from "./icon.js";
import { Recall } from "./recall.js";
import { uuid } from "./request.js";
import { Suggestions } from "./suggestions.js";
import { altOf } from "./wording.js";

const EDIT_EXAMPLE = "put a goose t-shirt on him";

export class Composer {
  #parts;
  #options;
  #attachments;
  #suggestions;
  #recall = new Recall();
  #picture = null;
  #returned = null; // a message that came back; unchanged, it goes out under its old id
  #editCommand = "";
  #placeholder;

  /**
   * @param {object} parts the elements: form, box, list, files, attach, chosen, attachments, problem, problemText,
   *   tryAgain
   * @param {{onSend: (message) => void, said: () => string[], announce: (sentence: string) => void}} options
   */
  constructor(parts, options) {
    this.#parts = parts;
    this.#options = options;
    this.#placeholder = parts.box.placeholder;
    this.#attachments = new Attachments(parts.attachments, {
      onChange: () => this.#look(),
      onRemove: () => parts.box.focus(),
    });
    parts.box.addEventListener("input", () => {
      if (parts.tryAgain.hidden) this.problem("");
      this.#look();
    });
    this.#suggestions = new Suggestions(parts.box, parts.list, options);
    parts.box.addEventListener("keydown", (event) => this.#key(event));
    parts.box.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      this.addFiles(event.clipboardData.files);
    });
    parts.attach.addEventListener("click", () => parts.files.click());
    parts.files.addEventListener("change", () => {
      this.addFiles(parts.files.files);
      parts.files.value = ""; // so that the same file can be chosen again
    });
    parts.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    parts.tryAgain.addEventListener("click", () => this.submit());
    this.#look();
  }

  set commands(commands) {
    this.#suggestions.commands = commands;
    this.#editCommand = commands.find(({ kind, words, able }) => kind === "edit" && words && able)?.command ?? "";
    this.#look();
  }

  get empty() {
    return !this.#parts.box.value.trim() && this.#attachments.files.length === 0;
  }

  /** Hand over what is written, and start afresh. */
  submit() {
    this.#parts.box.focus();
    if (this.empty) return;
    const written = this.#written();
    const id = this.#returned && same(this.#returned, written) ? this.#returned.id : uuid();
    this.#clear();
    this.#options.onSend({ id, ...written });
  }

  /** Give a message back that was not accepted. */
  restore(message) {
    this.#parts.box.value = message.text;
    this.#picture = message.replyTo;
    this.#attachments.files = message.files;
    this.#returned = message;
  }

  /** A message given back turned out to be accepted: it must not go out a second time. */
  forget(id) {
    if (this.#returned?.id !== id) return;
    if (same(this.#returned, this.#written())) this.#clear();
    else this.#returned = null;
  }

  write(text) {
    this.#parts.box.value = text;
    this.#parts.box.focus();
    this.#look();
  }

  /** Choose the picture that the next message is about. */
  edit(picture) {
    this.#picture = picture;
    this.#look();
    this.#parts.box.focus();
    this.#options.announce("Picture chosen. Say what to change.");
  }

  addFiles(files) {
    this.problem(this.#attachments.add(files));
    this.#parts.box.focus();
  }

  /** Show what went wrong, or with "" that nothing does. */
  problem(sentence, { retryable = false } = {}) {
    this.#parts.problem.hidden = !sentence;
    this.#parts.problemText.textContent = sentence;
    this.#parts.tryAgain.hidden = !retryable;
  }

  #written() {
    return { text: this.#parts.box.value.trim(), replyTo: this.#picture, files: this.#attachments.files };
  }

  #clear() {
    this.#returned = null;
    this.#parts.box.value = "";
    this.#picture = null;
    this.#attachments.files = [];
    this.problem("");
    this.#suggestions.update();
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method is at work, and Enter is its
    if (this.#suggestions.takes(event)) return event.preventDefault();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.#picture) {
      this.#release();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const text = this.#recall.step(this.#parts.box.value, this.#options.said(), event.key === "ArrowUp" ? 1 : -1);
      if (text === null) return;
      event.preventDefault();
      this.write(text);
    }
  }

  #release() {
    this.#picture = null;
    this.#look();
    this.#parts.box.focus();
  }

  /** Bring everything that depends on what is written up to date. */
  #look() {
    const { box, chosen, form } = this.#parts;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    form.classList.toggle("empty", this.empty);
    box.placeholder = this.#picture ? `${this.#editCommand} ${EDIT_EXAMPLE}`.trim() : this.#placeholder;
    chosen.hidden = !this.#picture;
    if (this.#picture && chosen.dataset.picture !== this.#picture.id) {
      chosen.dataset.picture = this.#picture.id;
      chosen.replaceChildren(...this.#chip(this.#picture));
    }
  }

  #chip(picture) {
    const label = "Stop editing this picture";
    return [
      el("img", { src: picture.url, alt: altOf(picture), width: 40, height: 40 }),
      el("span", { class: "what" }, el("b", { text: "Editing" }), el("span", { text: altOf(picture) })),
      el(
        "button",
        { type: "button", class: "remove", "aria-label": label, title: label, on: { click: () => this.#release() } },
        icon("close"),
      ),
    ];
  }
}

function same(one, other) {
  return (
    one.text === other.text &&
    one.replyTo?.id === other.replyTo?.id &&
    one.files.length === other.files.length &&
    one.files.every((file, index) => file === other.files[index])
  );
}
