// The line to the studio: follows /events for as long as the page lives.
//
// Read with fetch and not with EventSource, for two reasons. EventSource hides the pings, so it can't
// notice a line that is dead but not closed (a phone that changed networks); and it hides the status,
// so it can't tell "come back later" from "you may not".

import { EventParser } from "./stream.js";

const SILENCE_MS = 60_000; // the server pings far more often; a longer silence is a dead line
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Follow `url` until the server says that this session may not.
 * @param {(event: string, data: object) => void} onEvent
 * @param {(state: "connecting"|"connected"|"lost"|"ended", sentence: string) => void} onState
 *   `ended` is final; its sentence tells the person why.
 */
export async function follow(url, { onEvent, onState }) {
  let attempt = 0;
  const heard = (event, data) => {
    attempt = 0;
    onState("connected", "");
    onEvent(event, data);
  };
  onState("connecting", "");
  for (;;) {
    const refusal = await listen(url, heard).catch(() => null);
    if (refusal) return onState("ended", refusal);
    onState("lost", "");
    await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.75 + Math.random() / 2));
    attempt += 1;
  }
}

/** One connection, to its end. Returns why the session is refused, or null when it may be tried again. */
async function listen(url, onEvent) {
  const line = new AbortController();
  let watchdog = setTimeout(() => line.abort(), SILENCE_MS);
  const renewed = (shown) => shown.persisted && line.abort(); // back from the page cache: the line is stale
  addEventListener("pageshow", renewed);
  try {
    const response = await fetch(url, {
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
      signal: line.signal,
    });
    if (response.status === 401 || response.status === 403) return await reason(response);
    if (!response.ok) return null;
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return null;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => line.abort(), SILENCE_MS);
      for (const { event, data } of parser.feed(value)) deliver(onEvent, event, data);
    }
  } finally {
    clearTimeout(watchdog);
    removeEventListener("pageshow", renewed);
    line.abort();
  }
}

/** One event that can't be shown must not cost the ones after it. */
function deliver(onEvent, event, data) {
  try {
    onEvent(event, JSON.parse(data));
  } catch (error) {
    reportError(error);
  }
}

async function reason(response) {
  const said = await response.json().catch(() => ({}));
  if (said.error) return said.error;
  return response.status === 401 ? "This session has ended." : "This chat is not open to you.";
}

/** Wait, but not when the network or the reader has just come back. */
function pause(delayMs) {
  return new Promise((resolve) => {
    const awake = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      removeEventListener("online", awake);
      document.removeEventListener("visibilitychange", awake);
      resolve();
    };
    const timer = setTimeout(() => {
      removeEventListener("online", awake);
      document.removeEventListener("visibilitychange", awake);
      resolve();
    }, delayMs);
    addEventListener("online", awake);
    document.addEventListener("visibilitychange", awake);
  });
}
