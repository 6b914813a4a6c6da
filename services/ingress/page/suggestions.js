// The list of commands that opens while the first word after a slash is being typed.
//
// The text box is a combobox only while the list is open: a plain text box otherwise, which is what it is.

import { el } from "./dom.js";

const COMMAND_BEGUN = /^\/\S*$/;

export class Suggestions {
  #box;
  #list;
  #announce;
  #commands = [];
  #shown = [];
  #active = 0;
  #dismissed = false; // by Escape or by a choice, until another command is begun

  constructor(box, list, { announce }) {
    this.#box = box;
    this.#list = list;
    this.#announce = announce;
    box.addEventListener("input", () => this.update());
    box.addEventListener("blur", () => this.#close());
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the text box keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose(this.#shown[[...list.children].indexOf(option)]);
    });
  }

  /** @param {{command: string, title: string, hint: string, able: boolean}[]} commands */
  set commands(commands) {
    this.#commands = commands;
    if (!this.#list.hidden) this.update();
  }

  /** Look at the text box again. */
  update() {
    const begun = this.#box.value;
    if (!COMMAND_BEGUN.test(begun)) {
      this.#dismissed = false;
      return this.#close();
    }
    if (this.#dismissed) return undefined;
    const word = begun.toLowerCase();
    const matching = this.#commands.filter(({ command }) => command.startsWith(word));
    // What is typed in full comes first: Enter must do what the text says.
    const shown = [
      ...matching.filter(({ command }) => command === word),
      ...matching.filter(({ command }) => command !== word),
    ];
    return shown.length ? this.#open(shown) : this.#close();
  }

  /** Let the list have a key. Returns true when the list has used it up. */
  takes(event) {
    if (this.#list.hidden || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return false;
    const chosen = this.#shown[this.#active];
    switch (event.key) {
      case "ArrowDown":
        this.#mark((this.#active + 1) % this.#shown.length);
        return true;
      case "ArrowUp":
        this.#mark((this.#active - 1 + this.#shown.length) % this.#shown.length);
        return true;
      case "Tab":
        this.#choose(chosen);
        return true;
      case "Enter":
        if (chosen.command === this.#box.value) return false;
        this.#choose(chosen);
        return true;
      case "Escape":
        this.#dismiss();
        return true;
      default:
        return false;
    }
  }

  #choose({ command }) {
    this.#box.setRangeText(`${command} `, 0, this.#box.value.length, "end");
    this.#box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    this.#box.focus();
  }

  #dismiss() {
    this.#dismissed = true;
    this.#close();
  }

  #open(shown) {
    const wasOpen = !this.#list.hidden;
    this.#shown = shown;
    this.#list.replaceChildren(...shown.map(option));
    this.#list.hidden = false;
    this.#box.setAttribute("role", "combobox");
    this.#box.setAttribute("aria-expanded", "true");
    this.#mark(0);
    if (!wasOpen) this.#announce(`${shown.length} commands. Arrow keys to look, Tab to take one.`);
  }

  #close() {
    if (this.#list.hidden) return;
    this.#list.hidden = true;
    for (const name of ["role", "aria-expanded", "aria-activedescendant"]) this.#box.removeAttribute(name);
  }

  #mark(index) {
    this.#active = index;
    [...this.#list.children].forEach((node, at) => node.setAttribute("aria-selected", at === index));
    this.#list.children[index].scrollIntoView({ block: "nearest" });
    this.#box.setAttribute("aria-activedescendant", this.#list.children[index].id);
  }
}

function option({ command, title, hint, able }, index) {
  return el(
    "li",
    { id: `suggestion-${index}`, class: able ? "" : "unable", role: "option", "aria-selected": "false" },
    el("code", { text: command }),
    el("span", { class: "title", text: title }),
    el("span", { class: "hint" }, ...words(hint)),
  );
}

/** Words that stay whole: a browser would part --steps after its hyphens. */
function words(text) {
  return text.split(" ").flatMap((word) => [el("span", { class: "word", text: word }), " "]);
}
