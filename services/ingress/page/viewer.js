// The large view of a picture: a modal dialog, so Escape and the back gesture close it and the focus returns.

import { el } from "./dom.js";
import { icon } from "./icon.js";
import { pictureButtons } from "./picture.js";
import { player } from "./player.js";
import { altOf } from "./wording.js";

export class Viewer {
  #dialog;
  #onEdit;
  #pictures = [];
  #index = 0;
  #stage = el("div", { class: "stage" });
  #buttons = el("div", { class: "buttons" });
  #previous = iconButton("back", "Previous picture", () => this.#leaf(-1));
  #next = iconButton("forward", "Next picture", () => this.#leaf(1));
  #zoom = iconButton("zoom", "Actual size", () => this.#setZoom(!this.#zoomed));

  constructor(dialog, { onEdit }) {
    this.#dialog = dialog;
    this.#onEdit = onEdit;
    const close = iconButton("close", "Close", () => dialog.close());
    dialog.append(
      el("div", { class: "tools" }, this.#zoom, this.#previous, this.#next, close),
      this.#stage,
      this.#buttons,
    );
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target === this.#stage) dialog.close();
    });
    dialog.addEventListener("close", () => this.#stage.replaceChildren());
    dialog.addEventListener("keydown", (event) => {
      if (event.target instanceof HTMLVideoElement) return; // there the arrows seek
      if (event.key === "ArrowLeft") this.#leaf(-1);
      if (event.key === "ArrowRight") this.#leaf(1);
    });
  }

  /** Open `picture`, with `pictures` to leaf through. */
  open(picture, pictures) {
    this.#pictures = pictures.some((other) => other.id === picture.id) ? pictures : [picture];
    this.#index = this.#pictures.findIndex((other) => other.id === picture.id);
    this.#show();
    this.#dialog.showModal();
  }

  get #zoomed() {
    return this.#dialog.classList.contains("actual");
  }

  #leaf(step) {
    const index = this.#index + step;
    if (index < 0 || index >= this.#pictures.length) return;
    this.#index = index;
    this.#show();
  }

  #show() {
    const picture = this.#pictures[this.#index];
    const plays = picture.nature === "video";
    const shown = plays
      ? player(picture, { autoplay: false, muted: false, onLost: () => {} })
      : el("img", {
          src: picture.url,
          alt: altOf(picture),
          width: picture.width,
          height: picture.height,
          on: { click: () => this.#setZoom(!this.#zoomed) },
        });
    this.#stage.replaceChildren(shown);
    this.#buttons.replaceChildren(
      ...pictureButtons(picture, () => {
        this.#dialog.close();
        this.#onEdit(picture);
      }),
    );
    this.#previous.disabled = this.#index === 0;
    this.#next.disabled = this.#index === this.#pictures.length - 1;
    this.#zoom.hidden = plays;
    this.#setZoom(false);
  }

  #setZoom(on) {
    this.#dialog.classList.toggle("actual", on);
    this.#zoom.setAttribute("aria-pressed", on);
  }
}

function iconButton(name, label, onClick) {
  return el(
    "button",
    { type: "button", class: "round", "aria-label": label, title: label, on: { click: onClick } },
    icon(name),
  );
}
