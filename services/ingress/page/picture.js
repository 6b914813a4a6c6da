// One picture or video in the conversation, with the space for it kept from the first moment.

import { el } from "./dom.js";
import { icon } from "./icon.js";
import { altOf, fileName, isFilm } from "./wording.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @param {object} picture as the studio sends it
 * @param {{onOpen: Function, onEdit: Function, fresh: boolean}} options `fresh`: it has only just been made
 */
export function pictureFigure(picture, { onOpen, onEdit, fresh }) {
  const figure = el(
    "figure",
    { class: "picture", data: { picture: picture.id } },
    isFilm(picture) ? film(picture, fresh) : openable(picture, onOpen),
    el("figcaption", { class: "buttons" }, ...pictureButtons(picture, onEdit)),
  );
  figure.style.setProperty("--width", picture.width);
  figure.style.setProperty("--ratio", picture.width / picture.height);
  if (fresh && !calm.matches) figure.classList.add("developing");
  return figure;
}

/** "Edit this" and "Download": the same under the picture and in the large view. */
export function pictureButtons(picture, onEdit) {
  const edit = el(
    "button",
    { type: "button", class: "small", data: { action: "edit" }, on: { click: () => onEdit(picture) } },
    icon("edit"),
    "Edit this",
  );
  const download = el(
    "a",
    { class: "small", href: picture.url, download: fileName(picture) },
    icon("download"),
    el("span", { class: "label", text: "Download" }),
  );
  if (picture.url.startsWith("blob:")) return []; // still on its way: the studio has no name for it yet
  return isFilm(picture) ? [download] : [edit, download];
}

/** A small square, for what the person gave. */
export function thumbnail(picture, onOpen) {
  const image = el("img", { src: picture.url, alt: altOf(picture), width: 96, height: 96, decoding: "async" });
  image.addEventListener("error", () =>
    image.replaceWith(el("span", { class: "gone" }, icon("warning"), altOf(picture))),
  );
  if (isFilm(picture))
    return el("span", { class: "thumbnail" }, el("video", { src: picture.url, muted: true, preload: "metadata" }));
  return el("button", { type: "button", class: "thumbnail", on: { click: () => onOpen(picture) } }, image);
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

function film(picture, fresh) {
  return el("video", {
    class: "frame",
    src: picture.url,
    width: picture.width,
    height: picture.height,
    "aria-label": altOf(picture),
    controls: true,
    loop: true,
    muted: true,
    playsinline: true,
    preload: "metadata",
    autoplay: fresh && !calm.matches,
  });
}

/** Stands where a picture could not be loaded, at its size. */
function missing(picture, again) {
  const place = el(
    "div",
    { class: "frame missing" },
    el("p", { text: "This picture could not be loaded." }),
    el("button", {
      type: "button",
      class: "small",
      text: "Load again",
      on: { click: () => place.replaceWith(again()) },
    }),
  );
  place.style.aspectRatio = `${picture.width} / ${picture.height}`;
  return place;
}
