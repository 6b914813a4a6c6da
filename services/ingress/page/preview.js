// The picture as it grows: shown while it does, and kept nowhere.

import { el } from "./dom.js";

export class Preview {
  /** The element to show it; hidden while there is nothing to be seen. */
  node = el("div", { class: "preview", hidden: true, "aria-hidden": true });

  #newest = 0;

  /** @param {string} jpeg in base64 */
  async show(jpeg) {
    const turn = (this.#newest += 1);
    const url = URL.createObjectURL(new Blob([bytes(jpeg)], { type: "image/jpeg" }));
    const image = el("img", { src: url, alt: "" });
    try {
      await image.decode(); // the one before stays until this one can be seen
    } catch {
      return; // a preview that is none costs nothing else
    } finally {
      URL.revokeObjectURL(url);
    }
    if (turn !== this.#newest) return;
    this.node.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
    this.node.replaceChildren(image);
    this.node.hidden = false;
  }

  /** Nothing is growing any more. */
  clear() {
    this.#newest += 1;
    this.node.hidden = true;
    this.node.replaceChildren();
  }
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
