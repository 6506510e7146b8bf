// The classes of a choropleth: each is a pattern as well as a colour. css/territories.css draws the same in the legend.

import { colour } from "./elements.js";

const SIDE = 8; // px

function pattern(ground, ink, draw) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = SIDE;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = 1.5;
  draw(pen);
  return pen.createPattern(tile, "repeat");
}

function stroke(pen, ...lines) {
  pen.beginPath();
  for (const [x1, y1, x2, y2] of lines) {
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
  }
  pen.stroke();
}

function dot(pen, x, y, radius) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

const rising = (pen) => stroke(pen, [-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6]);

/** Name of a class -> what fills its shapes: more ink where more is answered; nobody is hatched, unknown is dotted. */
export function makeFills() {
  const [pine, tint, paper] = [colour("pine"), colour("pine-tint"), colour("paper")];
  const nobody = pattern(colour("warning-tint"), colour("warning"), rising);
  const some = pattern(tint, pine, (pen) => dot(pen, 4, 4, 1));
  const half = pattern(tint, pine, (pen) => stroke(pen, [0, 4, 8, 4]));
  const most = pattern(tint, pine, (pen) => stroke(pen, [0, 2, 8, 2], [0, 6, 8, 6], [2, 0, 2, 8], [6, 0, 6, 8]));
  const unknown = pattern(paper, colour("line-strong"), (pen) => dot(pen, 2, 2, 0.9));
  return {
    0: nobody,
    1: some,
    2: half,
    3: most,
    4: pine,
    personne: nobody,
    nationale: some,
    regionale: half,
    partie: most,
    proximite: pine,
    inconnu: unknown,
    renseigne: pine,
    en_cours: half,
    pas_encore: unknown,
  };
}
