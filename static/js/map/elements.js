// Elements made by hand: no markup from data, no style attribute against the policy.

const SVG = "http://www.w3.org/2000/svg";

export function makeElement(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function makeLink(href, text) {
  const link = makeElement("a", "", text);
  link.href = href;
  return link;
}

export function makeSvg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const colours = new Map();

/** Value of a colour of css/tokens.css, by its name there; read once, for reading it makes the browser settle the page's style. */
export function colour(name) {
  if (!colours.has(name)) {
    colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  }
  return colours.get(name);
}
