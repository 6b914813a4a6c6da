// What plays: videos and sounds, with the browser's own controls.

import { el } from "./dom.js";
import { icon } from "./icon.js";
import { altOf, calm } from "./wording.js";

const SHORT_S = 10; // a clip this short goes round like a picture that moves

/**
 * A video in the conversation. One that has only just been made begins by itself, without sound; one of
 * before waits as its poster, and nothing of it is fetched until somebody wants it.
 * @param {{fresh: boolean, onLost: (node: Element) => void}} options `onLost` is told what could not be loaded
 */
export function film(picture, { fresh, onLost }) {
  if (fresh && !calm.matches) return player(picture, { autoplay: true, muted: true, onLost });
  if (!picture.poster) return player(picture, { autoplay: false, muted: false, onLost });
  const { poster, width, height } = picture;
  const still = el("img", { src: poster, alt: "", width, height, decoding: "async" });
  const begin = () => {
    const video = player(picture, { autoplay: true, muted: false, onLost });
    waiting.replaceWith(video);
    video.focus();
  };
  const waiting = el(
    "button",
    { type: "button", class: "frame play", "aria-label": `Play: ${altOf(picture)}`, on: { click: begin } },
    still,
    icon("play"),
  );
  still.addEventListener("error", () => onLost(waiting));
  return waiting;
}

/** A video with its controls. */
export function player(picture, { autoplay, muted, onLost }) {
  const video = el("video", {
    class: "frame",
    poster: picture.poster || null,
    width: picture.width,
    height: picture.height,
    "aria-label": altOf(picture),
    controls: true,
    playsinline: true,
    loop: picture.duration > 0 && picture.duration <= SHORT_S,
    preload: "metadata",
    autoplay,
    src: picture.url, // last: it begins what the others bound
  });
  video.muted = muted; // as an attribute it says nothing to an element that is there already
  video.addEventListener("error", () => onLost(video));
  return video;
}

export function sound(picture, { onLost }) {
  const audio = el("audio", {
    class: "sound",
    "aria-label": altOf(picture),
    controls: true,
    preload: "metadata",
    src: picture.url,
  });
  audio.addEventListener("error", () => onLost(audio));
  return audio;
}
