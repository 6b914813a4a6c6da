// One result in the conversation, with the space for it kept from the first moment.

import { el } from "./dom.js";
import { icon } from "./icon.js";
import { film, sound } from "./player.js";
import { altOf, calm, length, nounOf } from "./wording.js";

/**
 * @param {object} picture as the studio sends it
 * @param {{onOpen: Function, onEdit: Function, fresh: boolean}} options `fresh`: it has only just been made
 */
export function pictureFigure(picture, { onOpen, onEdit, fresh }) {
  const figure = el(
    "figure",
    { class: "picture", data: { picture: picture.id, nature: picture.nature } },
    shown(picture, { onOpen, fresh }),
    el(
      "figcaption",
      { class: "buttons" },
      ...pictureButtons(picture, onEdit),
      picture.nature === "video" && picture.duration > 0 && el("span", { class: "length", text: length(picture.duration) }),
    ),
  );
  if (picture.height > 0) {
    figure.style.setProperty("--width", picture.width);
    figure.style.setProperty("--ratio", picture.width / picture.height);
  }
  if (fresh && !calm.matches) figure.classList.add("developing");
  return figure;
}

/** "Edit this" and "Download": the same under the picture and in the large view. Only what stands still is edited. */
export function pictureButtons(picture, onEdit) {
  const edit = el(
    "button",
    { type: "button", class: "small", data: { action: "edit" }, on: { click: () => onEdit(picture) } },
    icon("edit"),
    "Edit this",
  );
  const download = el(
    "a",
    { class: "small", href: picture.url, download: picture.file },
    icon("download"),
    el("span", { class: "label", text: "Download" }),
  );
  if (picture.url.startsWith("blob:")) return []; // still on its way: the studio has no name for it yet
  return picture.nature === "still" ? [edit, download] : [download];
}

/** A small square, for what the person gave. */
export function thumbnail(picture, onOpen) {
  const src = picture.poster || picture.url;
  const image = el("img", { src, alt: altOf(picture), width: 96, height: 96, decoding: "async" });
  image.addEventListener("error", () =>
    image.replaceWith(el("span", { class: "gone" }, icon("warning"), altOf(picture))),
  );
  return el("button", { type: "button", class: "thumbnail", on: { click: () => onOpen(picture) } }, image);
}

function shown(picture, { onOpen, fresh }) {
  if (picture.nature === "still" || picture.nature === "animated") return openable(picture, onOpen);
  const again = () => shown(picture, { onOpen, fresh: false });
  const onLost = (node) => node.replaceWith(missing(picture, again));
  return picture.nature === "audio" ? sound(picture, { onLost }) : film(picture, { fresh, onLost });
}

function openable(picture, onOpen) {
  const image = el("img", {
    src: picture.url,
    alt: altOf(picture),
    width: picture.width,
    height: picture.height,
    decoding: "async",
  });
  const button = el(
    "button",
    { type: "button", class: "frame", title: "Open large", on: { click: () => onOpen(picture) } },
    image,
  );
  image.addEventListener("error", () => button.replaceWith(missing(picture, () => openable(picture, onOpen))));
  return button;
}

/** Stands where a picture could not be loaded, at its size. */
function missing(picture, again) {
  const place = el(
    "div",
    { class: "frame missing" },
    el("p", { text: `This ${nounOf(picture).toLowerCase()} could not be loaded.` }),
    el("button", {
      type: "button",
      class: "small",
      text: "Load again",
      on: { click: () => place.replaceWith(again()) },
    }),
  );
  if (picture.height > 0) place.style.aspectRatio = `${picture.width} / ${picture.height}`;
  return place;
}
