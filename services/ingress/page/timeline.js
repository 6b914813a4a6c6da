// The conversation on the screen: keeps the reader at the newest entry, but leaves a reader of older ones alone.

import { reconcile } from "./dom.js";
import { EntryView } from "./entry.js";
import { icon } from "./icon.js";
import { calm } from "./wording.js";

const NEAR_PX = 64; // this close to the end counts as being there

export class Timeline {
  #box;
  #list;
  #newer;
  #actions;
  #views = new Map();
  #atEnd = true;
  #endTop = 0; // where the end was when last gone to, in pixels

  /** @param {object} actions what an entry's parts do; see EntryView */
  constructor({ box, list, newer }, actions) {
    this.#box = box;
    this.#list = list;
    this.#newer = newer;
    this.#actions = actions;
    box.addEventListener("scroll", () => this.#look(), { passive: true });
    newer.addEventListener("click", () => {
      this.toEnd({ smooth: true });
      box.focus({ preventScroll: true });
    });
    const keep = new ResizeObserver(() => this.#keep());
    keep.observe(list);
    keep.observe(box);
  }

  /**
   * Show exactly these entries, in this order. Only those that are other objects than before are looked at.
   * @param {boolean} fresh what differs has just happened, in contrast to being history
   */
  show(entries, { fresh = false } = {}) {
    this.#notice();
    const wanted = new Set(entries.map((entry) => entry.id));
    for (const id of this.#views.keys()) if (!wanted.has(id)) this.#views.delete(id);
    for (const entry of entries) this.#update(entry, { fresh });
    reconcile(
      this.#list,
      entries,
      (entry) => entry.id,
      (entry) => this.#views.get(entry.id).node,
    );
    if (this.#atEnd) this.toEnd();
  }

  /** An entry that was shown under `id` goes on as `knownAs`, in the same place. */
  rename(id, knownAs) {
    const view = this.#views.get(id);
    if (!view || this.#views.has(knownAs)) return;
    this.#views.delete(id);
    this.#views.set(knownAs, view);
    view.node.dataset.key = knownAs;
  }

  progress(id, state) {
    this.#views.get(id)?.progress(state);
  }

  toEnd({ smooth = false } = {}) {
    this.#box.scrollTo({ top: this.#box.scrollHeight, behavior: smooth && !calm.matches ? "smooth" : "instant" });
    if (!smooth) {
      this.#atEnd = true;
      this.#endTop = this.#box.scrollTop;
    }
    this.#newer.hidden = true;
  }

  /** Offer the way down to a reader who would otherwise not notice. */
  offer(what) {
    if (this.#atEnd) return;
    this.#newer.replaceChildren(what, icon("down"));
    this.#newer.hidden = false;
  }

  #update(entry, { fresh }) {
    const view = this.#views.get(entry.id) ?? new EntryView(this.#actions);
    this.#views.set(entry.id, view);
    if (view.entry !== entry) view.update(entry, { fresh });
  }

  #keep() {
    this.#notice();
    if (this.#atEnd) this.toEnd();
  }

  /** A reader may have scrolled up in this very frame, before the event that tells of it. */
  #notice() {
    if (this.#atEnd && this.#box.scrollTop < this.#endTop - 1) this.#look();
  }

  #look() {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.#atEnd) this.#newer.hidden = true;
  }
}
