// Walking back through what was said, as a shell does.

export class Recall {
  #back = 0; // how many texts before the newest one; 0 is none
  #shown = "";

  /**
   * The text one step older or newer, or null when there is none or the person has changed the text.
   * @param {string} current what stands in the text box now
   * @param {string[]} said oldest first
   * @param {1|-1} step 1 for older
   */
  step(current, said, step) {
    if (current !== (this.#back ? this.#shown : "")) this.#back = 0;
    if (current !== "" && this.#back === 0) return null;
    const back = this.#back + step;
    if (back < 0 || back > said.length) return null;
    this.#back = back;
    this.#shown = back ? said[said.length - back] : "";
    return this.#shown;
  }
}
