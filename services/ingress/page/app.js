// The page, put together: what comes down the line is shown, what the person does goes up.

import { Announcer } from "./announcer.js";
import { Composer } from "./composer.js";
import { follow } from "./connection.js";
import { Conversation } from "./conversation.js";
import { icon } from "./icon.js";
import { Outbox } from "./outbox.js";
import { press, uuid } from "./request.js";
import { Status } from "./status.js";
import { Timeline } from "./timeline.js";
import { Viewer } from "./viewer.js";
import { announcement, nounOf } from "./wording.js";

const byId = (id) => document.getElementById(id);
const pressIds = new Map(); // a press that may not have arrived goes out again under its old id

const conversation = new Conversation();
const announcer = new Announcer(byId("announcer"));
const status = new Status(byId);
const viewer = new Viewer(byId("viewer"), { onEdit: (picture) => composer.edit(picture) });

const timeline = new Timeline(
  { box: byId("timeline"), list: byId("entries"), newer: byId("newer") },
  {
    onOpen: (picture) => viewer.open(picture, conversation.pictures),
    onEdit: (picture) => composer.edit(picture),
    onPress: pressed,
  },
);

const outbox = new Outbox(conversation, {
  onChange: (id, knownAs = id) => {
    if (knownAs !== id) timeline.rename(id, knownAs);
    show();
  },
  onReturned: (message, refusal) => {
    if (!composer.empty) return false;
    composer.restore(message);
    if (refusal.code === "stopped") announcer.say(refusal.message);
    else composer.problem(refusal.message, refusal);
    return true;
  },
});

const composer = new Composer(
  {
    form: byId("composer"),
    box: byId("message"),
    list: byId("suggestions"),
    files: byId("files"),
    attach: byId("attach"),
    chosen: byId("chosen"),
    attachments: byId("attachments"),
    problem: byId("problem"),
    problemText: byId("problem-text"),
    tryAgain: byId("try-again"),
  },
  {
    onSend: (message) => {
      outbox.send(message);
      timeline.toEnd();
    },
    said: () => conversation.said,
    announce: (sentence) => announcer.say(sentence),
  },
);

const ON_EVENT = {
  history({ entries, offer }) {
    conversation.replace(entries);
    ON_EVENT.offer(offer);
    for (const { id } of entries) composer.forget(id);
    byId("welcome").dataset.known = "true";
    show();
  },
  entry(entry) {
    const before = conversation.get(entry.id);
    if (!conversation.put(entry)) return;
    composer.forget(entry.id);
    show({ fresh: true });
    tell(entry, before);
  },
  progress({ id, ...state }) {
    timeline.progress(id, state);
  },
  offer({ commands, notice }) {
    composer.commands = commands;
    status.notice(notice);
  },
  notice({ notice }) {
    status.notice(notice);
  },
};

/** Show the conversation as it is now. */
function show({ fresh = false } = {}) {
  const { entries } = conversation;
  byId("welcome").hidden = entries.length > 0 || !byId("welcome").dataset.known;
  timeline.show(entries, { fresh });
}

/** Say what has changed to those who do not see it happen. */
function tell(entry, before) {
  if (before?.status === entry.status && before.pictures.length === entry.pictures.length) return;
  announcer.say(announcement(entry));
  const arrived = entry.pictures.length > (before?.pictures.length ?? 0);
  if (arrived) announcer.arrived();
  if (arrived) timeline.offer(`New ${nounOf(entry.pictures.at(-1)).toLowerCase()}`);
  else if (["note", "failed", "refused"].includes(entry.status)) timeline.offer("New answer");
}

async function pressed(entry, { action }) {
  if (entry.local) return outbox.press(entry, action);
  const image = entry.pictures.length === 1 ? entry.pictures[0].id : "";
  const key = `${entry.id}\n${action}`;
  const id = pressIds.get(key) ?? uuid();
  pressIds.set(key, id);
  try {
    await press({ id, entry: entry.id, action, image });
  } catch (refusal) {
    if (!refusal.retryable) pressIds.delete(key);
    throw refusal;
  }
  pressIds.delete(key);
  return undefined;
}

function prepare() {
  byId("send").append(icon("send"));
  byId("attach").append(icon("add"));
  byId("privacy").addEventListener("click", () => {
    outbox.send({ id: uuid(), text: "/privacy", replyTo: null, files: [] });
    timeline.toEnd();
  });
  byId("example").addEventListener("click", (click) => composer.write(click.target.textContent));
  byId("reload").addEventListener("click", () => location.reload());
  document.addEventListener("keydown", (event) => {
    const free = !event.target.closest("input, textarea, dialog[open]");
    if (event.key !== "/" || !free || event.ctrlKey || event.metaKey || event.altKey) return;
    byId("message").focus();
  });
  acceptDrops();
  if (matchMedia("(hover: hover)").matches) byId("message").focus(); // on a phone it would raise the keyboard
}

/** A file dropped anywhere is meant for the composer, never for the browser. */
function acceptDrops() {
  const drag = (on) => document.body.classList.toggle("dragging", on);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drag(true);
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && drag(false));
  addEventListener("drop", (event) => {
    drag(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    composer.addFiles(event.dataTransfer.files);
  });
}

prepare();
follow("/events", {
  onEvent: (event, data) => ON_EVENT[event]?.(data),
  onState: (state, sentence) => status.connection(state, sentence),
});
