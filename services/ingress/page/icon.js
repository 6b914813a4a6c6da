// The page's icons, drawn as 24 by 24 strokes in the colour of the text.

const SVG = "http://www.w3.org/2000/svg";

const STROKES = {
  add: "M4 16l4.5-4.5 4 4 2.5-2.5 3 3M4 7a2 2 0 0 1 2-2h7M20 11v6a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7M18 3v6M15 6h6",
  back: "M14.5 6l-6 6 6 6",
  cancelled: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M8.5 12h7",
  close: "M7 7l10 10M17 7L7 17",
  down: "M12 5v13M6.5 12.5L12 18l5.5-5.5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  edit: "M4 20l1-4L15.5 5.5a2.1 2.1 0 0 1 3 3L8 19l-4 1M13.5 7.5l3 3",
  forward: "M9.5 6l6 6-6 6",
  play: "M9 6.5v11l8.5-5.5z",
  send: "M12 19V6M6 11.5L12 5.5l6 6",
  warning: "M12 4.5l8.5 15h-17zM12 10v4.5M12 17v.2",
  zoom: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l5 5M10.5 8v5M8 10.5h5",
};

/** An icon that assistive technology skips: the words beside it, or the label, say it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", STROKES[name]);
  svg.append(path);
  return svg;
}
