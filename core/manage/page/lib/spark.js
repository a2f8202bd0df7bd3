// SPDX-License-Identifier: BSD-3-Clause
//
// A small line of the last minute.  For eyes only: the number stands beside.

import { svg } from './dom.js';

const WIDTH = 88;
const HEIGHT = 20;
const KEPT = 60;

export function spark() {
  return svg('svg', { class: 'spark', width: WIDTH, height: HEIGHT,
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
  svg('path', { class: 'area' }), svg('polyline', { class: 'line' }));
}

export function drawSpark(node, history) {
  const [area, line] = node.children;
  const top = Math.max(...history, 1);
  const step = WIDTH / (KEPT - 1);
  const left = WIDTH - (history.length - 1) * step;
  const points = history.map((rate, i) => `${(left + i * step).toFixed(1)},`
    + `${(HEIGHT - 2 - rate / top * (HEIGHT - 4)).toFixed(1)}`);

  line.setAttribute('points', points.join(' '));
  area.setAttribute('d', points.length < 2 ? '' : `M${left.toFixed(1)},`
    + `${HEIGHT} L${points.join(' L')} L${WIDTH},${HEIGHT} Z`);
}
