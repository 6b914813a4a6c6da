// What plays: videos and sounds, with the browser's own controls.

import { el } from "./dom.js";
import { altOf, calm } from "./wording.js";

const SHORT_S = 10; // a clip this short goes round like a picture that moves

/**
 * A video that shows its poster until it plays. One that has only just been made begins by itself, without
 * sound; for those of before only their posters are fetched.
 */
export function film(picture, { fresh }) {
  const video = el("video", {
    class: "frame",
    poster: picture.poster || null,
    width: picture.width,
    height: picture.height,
    "aria-label": altOf(picture),
    controls: true,
    playsinline: true,
    loop: picture.duration > 0 && picture.duration <= SHORT_S,
    preload: picture.poster ? "none" : "metadata",
    autoplay: fresh && !calm.matches,
    src: picture.url, // last: it begins what the others bound
  });
  video.muted = true; // as an attribute it says nothing to an element that is there already
  return video;
}

export function sound(picture) {
  return el("audio", {
    class: "sound",
    "aria-label": altOf(picture),
    controls: true,
    preload: "metadata",
    src: picture.url,
  });
}
