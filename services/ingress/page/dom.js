// Making and patching elements. Text goes in as text: nothing here parses HTML.

/**
 * Make an element.
 * @param {string} tag
 * @param {object} traits `text`, `data` (dataset), `on` (listeners); anything else is an attribute.
 *   An attribute that is null or false is left out, true stands without a value.
 */
export function el(tag, { text, data = {}, on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  Object.assign(node.dataset, data);
  for (const [type, listener] of Object.entries(on)) node.addEventListener(type, listener);
  if (text !== undefined) node.textContent = text;
  node.append(...children.filter(Boolean));
  return node;
}

/**
 * Make the children of `parent` match `items`, in order.
 * A child already there for the same key stays where it is, so that a picture does not load twice,
 * a film plays on and a focused button keeps the focus.
 */
export function reconcile(parent, items, keyOf, create) {
  const wanted = new Set(items.map(keyOf));
  const present = new Map();
  for (const node of [...parent.children]) {
    if (wanted.has(node.dataset.key)) present.set(node.dataset.key, node);
    else node.remove();
  }
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const node = present.get(key) ?? create(item);
    node.dataset.key = key;
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** Write `text` only when it differs: a live region must not speak twice. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
