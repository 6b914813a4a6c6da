// One entry of the conversation: what the person said, and the studio's answer under it.

import { el, reconcile, write } from "./dom.js";
import { icon } from "./icon.js";
import { pictureFigure, thumbnail } from "./picture.js";
import { Preview } from "./preview.js";
import { WAITING, moment, sentence } from "./wording.js";

const MAKING = new Set(["preparing", "running"]);
const SIGNS = { failed: "warning", refused: "warning", unsent: "warning", cancelled: "cancelled" };

let serial = 0;

export class EntryView {
  #actions;
  #bubble = el("p", { class: "bubble" });
  #inputs = el("div", { class: "inputs" });
  #time = el("time", { class: "time" });
  #said = el("div", { class: "said" }, this.#inputs, this.#bubble, this.#time);
  #pictures = el("div", { class: "pictures" });
  #sign = el("span", { class: "sign", "aria-hidden": true });
  #text = el("span", { class: "text" });
  #status = el("p", { class: "status" }, this.#sign, this.#text);
  #bar = el("div", { class: "bar-fill" });
  #progress = el(
    "div",
    { class: "progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 },
    this.#bar,
  );
  #percent = el("span", { class: "percent", "aria-hidden": true });
  #step = el("span", { class: "step", "aria-hidden": true });
  #track = el("div", { class: "track", hidden: true }, this.#progress, this.#percent, this.#step);
  #preview = new Preview();
  #buttons = el("div", { class: "buttons", role: "group" });
  #trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  #answer = el(
    "div",
    { class: "answer" },
    this.#pictures,
    this.#preview.node,
    this.#status,
    this.#track,
    this.#buttons,
    this.#trouble,
  );

  /** What is shown now. */
  entry = null;

  /** The element to show it. */
  node = el("article", { class: "entry", tabindex: -1 }, this.#said, this.#answer);

  /**
   * @param {{onOpen: Function, onEdit: Function, onPress: (entry, button) => Promise<void>}} actions
   *   `onPress` rejects with the sentence to show under the entry.
   */
  constructor(actions) {
    this.#actions = actions;
    this.#bubble.id = `said-${(serial += 1)}`;
    this.node.setAttribute("aria-labelledby", this.#bubble.id);
  }

  /** @param {boolean} fresh the change has just happened, in contrast to being history */
  update(entry, { fresh }) {
    const hadFocus = this.node.contains(document.activeElement);
    const wasMaking = MAKING.has(this.entry?.status);
    this.entry = entry;
    Object.assign(this.node.dataset, { entry: entry.id, status: entry.status });

    this.#said.hidden = !entry.said && entry.inputs.length === 0;
    this.#bubble.hidden = !entry.said;
    write(this.#bubble, entry.said);
    write(this.#time, moment(entry.at));
    this.#time.dateTime = entry.at;
    reconcile(this.#inputs, entry.inputs, idOf, (picture) => thumbnail(picture, this.#actions.onOpen));
    reconcile(this.#pictures, entry.pictures, idOf, (picture) => pictureFigure(picture, { ...this.#actions, fresh }));

    write(this.#text, sentence(entry));
    this.#status.hidden = !sentence(entry);
    this.#sign.replaceChildren(...(SIGNS[entry.status] ? [icon(SIGNS[entry.status])] : []));
    this.#sign.classList.toggle("spinner", WAITING.has(entry.status));
    this.#showProgress(entry, wasMaking);
    this.#showButtons(entry.buttons);
    this.#trouble.hidden = true;

    if (hadFocus && !this.node.contains(document.activeElement)) this.node.focus({ preventScroll: true });
  }

  /** Show how far an entry is that is being made, and what has come of it so far. */
  progress({ percent, text, preview }) {
    if (!MAKING.has(this.entry.status)) return;
    this.#track.hidden = false;
    this.#setBar(percent, text);
    if (preview) this.#preview.show(preview);
  }

  #showProgress(entry, wasMaking) {
    const uploaded = entry.local?.percent ?? null;
    const making = MAKING.has(entry.status);
    if (uploaded !== null) this.#setBar(uploaded, "");
    else if (!wasMaking) this.#setBar(null, "");
    if (!making) this.#preview.clear();
    if (entry.status === "running" || uploaded !== null) this.#track.hidden = false;
    else if (!making) this.#track.hidden = true;
  }

  /** A percent of null shows that work goes on, and claims nothing about how far it is. */
  #setBar(percent, text) {
    const known = percent !== null;
    this.#progress.classList.toggle("unknown", !known);
    this.#bar.style.width = known ? `${Math.min(100, Math.max(0, percent))}%` : "";
    if (known) this.#progress.setAttribute("aria-valuenow", Math.round(percent));
    else this.#progress.removeAttribute("aria-valuenow");
    const number = known ? `${Math.floor(percent)} %` : "";
    if (text) this.#progress.setAttribute("aria-valuetext", [text, number].filter(Boolean).join(", "));
    else this.#progress.removeAttribute("aria-valuetext");
    write(this.#percent, number);
    write(this.#step, text);
  }

  #showButtons(buttons) {
    reconcile(
      this.#buttons,
      buttons,
      (button) => `${button.action}\n${button.label}`,
      (button) => el("button", { type: "button", class: "small", text: button.label, data: { action: button.action } }),
    );
    [...this.#buttons.children].forEach((node, index) => {
      node.removeAttribute("aria-disabled");
      node.onclick = () => this.#press(node, buttons[index]);
    });
    this.#buttons.hidden = buttons.length === 0;
  }

  async #press(node, button) {
    if (node.getAttribute("aria-disabled")) return;
    node.setAttribute("aria-disabled", "true");
    this.#trouble.hidden = true;
    try {
      await this.#actions.onPress(this.entry, button);
      setTimeout(() => node.removeAttribute("aria-disabled"), 1000); // the answer may change nothing here
    } catch (error) {
      node.removeAttribute("aria-disabled");
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
    }
  }
}

function idOf(picture) {
  return picture.id;
}
