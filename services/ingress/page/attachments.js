// The pictures a person has added to what is being written: by the button, by pasting or by dropping.

import { el } from "./dom.js";
import { icon } from "./icon.js";

// What the server takes (MAX_PICTURES, MAX_FILE_BYTES): said before the upload and not after it.
const MOST_FILES = 3;
const LARGEST_MB = 20;
const LARGEST_BYTES = LARGEST_MB * 1024 * 1024;

export class Attachments {
  #list;
  #onChange;
  #onRemove;
  #files = [];
  #nodes = new Map();

  constructor(list, { onChange, onRemove }) {
    this.#list = list;
    this.#onChange = onChange;
    this.#onRemove = onRemove;
  }

  get files() {
    return [...this.#files];
  }

  /** Show exactly these files. */
  set files(files) {
    this.#files = [...files];
    for (const [file, node] of this.#nodes) {
      if (this.#files.includes(file)) continue;
      URL.revokeObjectURL(node.querySelector("img")?.src ?? "");
      this.#nodes.delete(file);
    }
    for (const file of this.#files) if (!this.#nodes.has(file)) this.#nodes.set(file, this.#item(file));
    this.#list.replaceChildren(...this.#files.map((file) => this.#nodes.get(file)));
    this.#list.hidden = this.#files.length === 0;
    this.#onChange();
  }

  /** Add what may be added. Returns a sentence about what may not, or "". */
  add(files) {
    const together = [...this.#files];
    let problem = "";
    for (const file of files) {
      if (file.type && !file.type.startsWith("image/")) problem = "Only pictures can be added here.";
      else if (together.length === MOST_FILES) problem = `Up to ${MOST_FILES} pictures fit into one message.`;
      else if (file.size > LARGEST_BYTES)
        problem = `${file.name} is larger than ${LARGEST_MB} MB, which is too large to send.`;
      else together.push(file);
    }
    if (together.length > this.#files.length) this.files = together;
    return problem;
  }

  #remove(file) {
    this.files = this.#files.filter((other) => other !== file);
    this.#onRemove();
  }

  #item(file) {
    const image = el("img", { src: URL.createObjectURL(file), alt: file.name, width: 64, height: 64 });
    image.addEventListener("error", () =>
      image.replaceWith(el("span", { class: "gone", title: file.name }, icon("warning"), file.name)),
    );
    const remove = el(
      "button",
      {
        type: "button",
        class: "remove",
        "aria-label": `Remove ${file.name}`,
        on: { click: () => this.#remove(file) },
      },
      icon("close"),
    );
    return el("li", { class: "attachment" }, image, remove);
  }
}
