// Elements of SVG that are put together outside of Preact: for files.

export const namespace = 'http://www.w3.org/2000/svg';

export function text(content: string, attributes: Record<string, string | number>): SVGElement {
  const element = put(document.createElementNS(namespace, 'text'), attributes);
  element.append(content);
  return element;
}

/** The element with these attributes. */
export function put<E extends Element>(element: E, attributes: Record<string, string | number>): E {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
