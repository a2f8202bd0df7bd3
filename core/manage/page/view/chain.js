// SPDX-License-Identifier: BSD-3-Clause
//
// A switch's chain as a picture.  Packets come in at the left, pass the
// stages from left to right, and on their way out the same in reverse; two
// stages that share a place stand one above the other; ports that enter at a
// stage stand below it.  The picture is made anew only when its parts change:
// numbers are written into what is there.

import { el, svg, setText, setClass, stateKind, markOf, hash } from '../lib/dom.js';
import { short, time, plural } from '../lib/format.js';
import { model, stageKey, portsOf, stagesOf, extensionOf } from '../lib/model.js';

const BOX = { width: 172, height: 122 };
const GAP = 46;
const PORTS_WIDTH = 132;
const TOP = 34;
const ROW = 24;
const FROM_NETWORK = 'network';     // EntryStage: those of class forward

const cut = (text, n) => text.length > n ? `${text.slice(0, n - 1)}\u2026`
  : text;

export const partitionOf = (stage) => stage.Partition || 'inline';

const classOf = (stage) => (extensionOf(stage.ExtensionName) || {})
  .ExtensionClass || '';

// How a stage is, in a word, and which sign goes with it.
export function conditionOf(stage) {
  if (stage.State === 'running' && stage.Away
      && stage.Away.toLowerCase() === 'true') {
    return { word: 'away: its process restarts', kind: 'warn' };
  }
  if (stage.State === 'running' && stage.StandbyState === 'absent') {
    return { word: 'running, no standby', kind: 'warn' };
  }
  return { word: stage.State, kind: stateKind(stage.State) };
}

export const costOf = (stage) => stage.PacketCost === null
  || !Number(stage.Packets) ? null : Number(stage.PacketCost);

// Stages by place in the chain: [[stage, partner...], ...].
export function placesOf(found) {
  const stages = new Map(stagesOf(found.Name).map((stage) =>
    [stage.ExtensionName, stage]));
  const ordered = [...(found.Extensions || []), ...stages.keys()];
  const places = [];

  for (const name of new Set(ordered)) {
    const stage = stages.get(name);
    const place = stage && stage.Partner && places.find((others) =>
      others.some((other) => other.ExtensionName === stage.Partner));

    if (place) {
      place.push(stage);
    } else if (stage) {
      places.push([stage]);
    }
  }
  return places;
}

// Which place ports with that EntryStage enter at; 0: the first.
function entryIndex(places, entry) {
  if (!entry) {
    return 0;
  }
  const at = places.findIndex((place) => place.some((stage) =>
    entry === FROM_NETWORK ? classOf(stage) === 'forward'
      : stage.ExtensionName === entry));

  return at >= 0 ? at : entry === FROM_NETWORK ? places.length : -1;
}

// ---- Shapes ----------------------------------------------------------------

function arrow(x1, y1, x2, y2, kind = '') {
  return svg('line', { x1, y1, x2, y2, class: `wire ${kind}`,
    'marker-end': 'url(#head)' });
}

function label(x, y, className, text = '') {
  return svg('text', { x, y, class: className }, text);
}

function badge(x, y, text) {
  const width = 14 + text.length * 6.3;

  return svg('g', { class: `badge ${text}` },
    svg('rect', { x: x - width, y, width, height: 18, rx: 9 }),
    svg('text', { x: x - width / 2, y: y + 12.5, class: 'middle' }, text));
}

function stageBox(stage, x, y, parts) {
  const name = stage.ExtensionName;
  const node = svg('a', { href: hash('extension', name), class: 'stage',
    'data-stage': name },
  svg('title', {}, name),
  svg('rect', { x, y, width: BOX.width, height: BOX.height, rx: 8,
    class: 'box' }),
  svg('rect', { x, y: y + 8, width: 4, height: BOX.height - 16, rx: 2,
    class: 'edge' }),
  label(x + 16, y + 24, 'name', cut(name, 14)),
  badge(x + BOX.width - 10, y + 10, partitionOf(stage)),
  label(x + 16, y + 42, 'dim', `class ${classOf(stage) || 'unknown'}`));
  const part = { node, state: label(x + 16, y + 63, 'condition'),
    rate: label(x + 16, y + 86, 'figure'),
    drops: label(x + BOX.width - 12, y + 86, 'dim end'),
    cost: label(x + 16, y + 107, 'figure') };

  node.append(part.state, part.rate, part.cost, part.drops);
  parts.set(stageKey(stage), part);
  return node;
}

// Ports that enter at a stage stand at 'at'; the others beside it.
function portsBox(x, at, ports, entry) {
  const shown = ports.slice(0, ports.length > 6 ? 5 : 6);
  const height = 34 + Math.max(shown.length + (ports.length > 6 ? 1 : 0), 1)
    * ROW * 0.75;
  const y = entry ? at : Math.max(at - height / 2, TOP - 26);
  const lines = shown.map((port, i) => label(x + 12, y + 44 + i * ROW * 0.75,
    `port ${stateKind(port.State)}`,
    `${markOf(stateKind(port.State))} ${cut(port.Name, 14)}`));

  if (ports.length > 6) {
    lines.push(label(x + 12, y + 44 + 5 * ROW * 0.75, 'dim',
      `and ${ports.length - 5} more`));
  }
  return { height, node: svg('g', { class: 'ports' },
    svg('title', {}, entry ? `These ports enter at ${entry}`
      : 'Ports of the switch'),
    svg('rect', { x, y, width: PORTS_WIDTH, height, rx: 8, class: 'box' }),
    label(x + 12, y + 22, 'name', plural(ports.length, 'port')), lines) };
}

// ---- Drawing ---------------------------------------------------------------

function heads() {
  return svg('defs', {}, svg('marker', { id: 'head', viewBox: '0 0 8 8',
    refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
  svg('path', { d: 'M0 0 L8 4 L0 8 Z', class: 'tip' })));
}

// Ports by the place where they enter; -1: their stage is not there.
function portGroups(found, places) {
  const groups = new Map([[0, []]]);

  for (const port of portsOf(found.Name)) {
    const at = entryIndex(places, port.EntryStage);

    groups.set(at, [...(groups.get(at) || []), port]);
  }
  return groups;
}

function shareLabel(place) {
  const second = place[1];

  return second.Sharing === 'aggregate' ? 'share flows' : 'failover';
}

function drawPlaces(places, parts, y) {
  const nodes = [];

  places.forEach((place, i) => {
    const x = PORTS_WIDTH + GAP + i * (BOX.width + GAP);

    place.forEach((stage, row) => {
      const top = TOP + row * (BOX.height + 26);

      nodes.push(stageBox(stage, x, top, parts));
      if (row) {
        nodes.push(label(x + BOX.width / 2, top - 9, 'dim middle',
          `\u21c5 ${shareLabel(place)}`));
      }
    });
    nodes.push(arrow(x - GAP + 3, y - 7, x - 3, y - 7),
      arrow(x - 3, y + 7, x - GAP + 3, y + 7));
  });
  return nodes;
}

function drawEnd(x, y) {
  return [arrow(x - GAP + 3, y - 7, x - 3, y - 7),
    arrow(x - 3, y + 7, x - GAP + 3, y + 7),
    svg('g', { class: 'end' },
      svg('rect', { x, y: y - 34, width: 104, height: 68, rx: 34,
        class: 'box' }),
      label(x + 52, y - 3, 'name middle', 'to ports'),
      label(x + 52, y + 14, 'dim middle', 'then back'))];
}

function drawEntries(groups, places, y) {
  const nodes = [];
  let height = 0;

  for (const [at, ports] of groups) {
    if (at === 0) {
      continue;
    }
    const column = at < 0 ? 0 : at;
    const x = PORTS_WIDTH + GAP + column * (BOX.width + GAP);
    const box = portsBox(x, y + 34, ports, ports[0].EntryStage);

    nodes.push(box.node, at < 0
      ? label(x + 60, y + 24, 'bad', '\u2716 its stage is not in the chain')
      : arrow(x + PORTS_WIDTH / 2, y + 34, x + PORTS_WIDTH / 2, y + 4),
    at < 0 ? '' : label(x + PORTS_WIDTH / 2 + 10, y + 24, 'dim',
      `enter at ${cut(ports[0].EntryStage, 18)}`));
    height = Math.max(height, box.height + 40);
  }
  return { nodes, height };
}

function build(found, places, parts) {
  const groups = portGroups(found, places);
  const y = TOP + BOX.height / 2;
  const first = portsBox(2, y, groups.get(0), null);
  const deepest = Math.max(1, ...places.map((place) => place.length));
  const bottom = TOP + deepest * (BOX.height + 26) - 26;
  const entries = drawEntries(groups, places, bottom);
  const end = PORTS_WIDTH + GAP + places.length * (BOX.width + GAP);
  const width = end + 110;
  const height = Math.max(bottom + entries.height, TOP + first.height + 26) + 8;

  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height,
    class: 'chain', role: 'group',
    'aria-label': `Chain of ${found.Name}: ${places.flat().map((stage) =>
      stage.ExtensionName).join(', ') || 'no extensions'}` },
  heads(), label(PORTS_WIDTH + GAP, 16, 'dim',
    'in \u2192, and out \u2190 in reverse'),
  first.node, drawPlaces(places, parts, y), drawEnd(end, y), entries.nodes);
}

function write(part, stage) {
  const condition = conditionOf(stage);
  const cost = costOf(stage);
  const drops = Number(stage.Drops) + Number(stage.Lost || 0);

  setClass(part.node, `stage ${condition.kind}`);
  setClass(part.state, `condition ${condition.kind}`);
  setText(part.state, `${markOf(condition.kind)} ${condition.word}`);
  setText(part.rate, `${short(model.rates.rate(stageKey(stage), 'Packets'))}`
    + ' pkt/s');
  setText(part.cost, cost === null ? '' : `${time(cost)} per packet`);
  setText(part.drops, drops ? `${short(drops)} dropped` : 'no drops');
}

// What decides how the picture is made.
function shapeOf(found, places) {
  return JSON.stringify([places.map((place) => place.map((stage) =>
    [stage.ExtensionName, partitionOf(stage), classOf(stage),
      stage.Sharing])),
  portsOf(found.Name).map((port) => [port.Name, port.State,
    port.EntryStage])]);
}

export class Chain {
  constructor() {
    this.node = el('div', { class: 'scroll chain-frame', tabindex: '0',
      role: 'region', 'aria-label': 'Picture of the chain' });
    this.shape = null;
    this.parts = new Map();
  }

  update(found) {
    // Services have no part in what packets pass.
    const places = placesOf(found).filter(([stage]) =>
      classOf(stage) !== 'service');
    const shape = shapeOf(found, places);

    this.node.hidden = !places.length && !portsOf(found.Name).length;
    if (shape !== this.shape) {
      this.rebuild(found, places);
      this.shape = shape;
    }
    for (const stage of places.flat()) {
      write(this.parts.get(stageKey(stage)), stage);
    }
  }

  rebuild(found, places) {
    const focused = document.activeElement
      && this.node.contains(document.activeElement)
      && document.activeElement.getAttribute('data-stage');

    this.parts = new Map();
    this.node.replaceChildren(build(found, places, this.parts));
    for (const { node } of this.parts.values()) {
      if (focused && node.getAttribute('data-stage') === focused) {
        node.focus();
      }
    }
  }
}
