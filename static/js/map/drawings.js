// What the map of a pathway draws and says of operators. Drawings are SVG made here, with the colours of css/tokens.css.

import { colour, makeElement, makeLink, makeSvg } from "./elements.js";
import { GROUP_RADIUS, MARKER_RADIUS } from "./gather.js";

/** A disc with the letter of the kind, or a square with a count: the shape tells them apart too. */
export function drawMarker(text, isGroup) {
  const radius = isGroup ? GROUP_RADIUS : MARKER_RADIUS;
  const side = 2 * radius;
  const shape = isGroup
    ? makeSvg("rect", { x: 1, y: 1, width: side - 2, height: side - 2, rx: 6 })
    : makeSvg("circle", { cx: radius, cy: radius, r: radius - 1 });
  const letters = makeSvg(
    "text",
    {
      x: radius,
      y: radius,
      "text-anchor": "middle",
      "dominant-baseline": "central",
      "font-size": text.length > 2 ? 10 : 14,
      "font-weight": 700,
    },
    text,
  );
  const svg = makeSvg("svg", { width: side, height: side, "aria-hidden": "true", focusable: "false" }, shape, letters);
  return { svg, side, paint: (isLit) => paint(shape, letters, isGroup !== isLit) };
}

function paint(shape, letters, isDark) {
  const [ground, ink] = isDark ? [colour("ink"), colour("jonquil")] : [colour("jonquil"), colour("ink")];
  shape.setAttribute("fill", ground);
  shape.setAttribute("stroke", ink);
  shape.setAttribute("stroke-width", 2);
  letters.setAttribute("fill", ink);
}

/** The commune's name, readable over any outline. */
export function drawLabel(text) {
  const label = makeSvg(
    "text",
    {
      "text-anchor": "middle",
      y: -8,
      "font-size": 13,
      "font-weight": 700,
      fill: colour("pine-deep"),
      stroke: colour("paper"),
      "stroke-width": 4,
      "stroke-linejoin": "round",
      "paint-order": "stroke",
    },
    text,
  );
  return makeSvg("svg", { width: 1, height: 1, overflow: "visible", "aria-hidden": "true" }, label);
}

export function coverageStyle() {
  return { color: colour("creation"), weight: 2.5, dashArray: "7 5", fillOpacity: 0.07 };
}

export function exclusionStyle() {
  return { color: colour("ink"), weight: 1.5, dashArray: "1 5", fillColor: colour("stone"), fillOpacity: 0.85 };
}

/** One operator's marker in words. */
export function describe(operator) {
  return [operator.name, operator.kind, operator.coverage_label].filter(Boolean).join(", ");
}

/** What the popup of a marker says. */
export function presentOperators(operators) {
  if (operators.length === 1) return presentOperator(operators[0]);
  const list = makeElement("ul", "stack");
  list.setAttribute("role", "list");
  list.append(...operators.map((operator) => makeElement("li", "", presentOperator(operator))));
  return list;
}

function presentOperator(operator) {
  const name = makeElement("b", "", makeLink(operator.url, operator.name));
  const parts = [name, document.createElement("br"), operator.kind];
  if (operator.coverage_label) parts.push(document.createElement("br"), operator.coverage_label);
  return makeElement("div", "", ...parts);
}
