/** Making and finding what the page consists of. */

/**
 * @param classes of the element, separated by spaces; may be empty.
 * @param children text goes in as text, never as markup.
 */
export function element(tag: string, classes: string, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  if (classes !== '') made.className = classes;
  made.append(...children);
  return made;
}

/** @throws {TypeError} when the page has no element of this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`no element #${id}`);
  return found;
}
