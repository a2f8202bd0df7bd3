// SPDX-License-Identifier: BSD-3-Clause
//
// One look at the host: what is not well, how busy each switch is, and what
// happened last.

import { el, setText, setClass, hash, drawState, stateOf, markOf }
  from '../lib/dom.js';
import { short, bits, exact, plural } from '../lib/format.js';
import { model, portsOf } from '../lib/model.js';
import { placesOf } from './chain.js';
import { troubles } from './health.js';
import { Table, keep } from '../lib/table.js';
import { spark, drawSpark } from '../lib/spark.js';
import { act, figure, linkColumn, section } from '../lib/parts.js';
import { addSwitch } from './changes.js';
import { eventTable } from './events.js';

const LATEST = 8;
const SHOWN = 12;

function rateColumn(title, name, draw) {
  const rate = (found) => model.rates.rate(`switch ${found.Name}`, name);

  return { title, number: true, sort: rate, draw: (cell, row) =>
    setText(cell, draw(rate(row))) };
}

const sparkColumn = { title: 'Last minute', draw: keep(spark, (node, row) =>
  drawSpark(node, model.rates.history(`switch ${row.Name}`, 'RxPackets'))) };

function switchTable() {
  return new Table({ caption: 'Switches', key: (row) => row.Name,
    words: (row) => row.Name,
    empty: 'No switches yet.',
    columns: [
      linkColumn('Switch', (row) => row.Name, (row) =>
        hash('switch', row.Name)),
      { title: 'State', text: (row) => row.State, draw: keep((row) =>
        stateOf(row.State), (node, row) => drawState(node, row.State)) },
      { title: 'Ports up', number: true, sort: (row) => Number(row.PortCount),
        draw: (cell, row) => setText(cell, `${portsOf(row.Name).filter((p) =>
          p.State === 'up').length} of ${row.PortCount}`) },
      { title: 'Chain', text: (row) => placesOf(row).flat().map((stage) =>
        stage.ExtensionName).join(' \u2192 ') || '\u2013' },
      rateColumn('Packets/s', 'RxPackets', (rate) => short(rate)),
      rateColumn('Received', 'RxBytes', (rate) => bits(rate)),
      rateColumn('Filtered/s', 'Filtered', (rate) => short(rate)),
      sparkColumn] });
}

function healthCard() {
  const heading = el('h1', { id: 'health' });
  const list = el('ul', { class: 'troubles' });
  const node = el('section', { class: 'health', 'aria-labelledby': 'health' },
    heading, list);
  let shown = null;

  return { node, update() {
    const found = troubles();
    const bad = found.filter((t) => t.kind === 'bad').length;
    const kind = bad ? 'bad' : found.length ? 'warn' : 'good';
    const key = JSON.stringify(found);

    setClass(node, `health ${kind}`);
    setText(heading, kind === 'good' ? `${markOf('good')} Everything is well`
      : `${markOf(kind)} ${plural(found.length, 'thing')} `
        + `${found.length === 1 ? 'is' : 'are'} not well`);
    if (key !== shown) {
      shown = key;
      list.replaceChildren(...found.slice(0, SHOWN).map((t) => el('li', {},
        el('span', { class: `state ${t.kind}` }, markOf(t.kind)),
        el('a', { href: t.where }, t.text))),
      ...(found.length > SHOWN ? [el('li', {},
        `and ${found.length - SHOWN} more`)] : []));
    }
  } };
}

function totals() {
  const all = { ports: figure('Ports'), packets: figure('Packets received'),
    bytes: figure('Received'), filtered: figure('Filtered'),
    lost: figure('Dropped at ports'), buffers: figure('Buffers used') };
  const rate = (...names) => model.switches.reduce((sum, found) =>
    names.reduce((n, name) => {
      const r = model.rates.rate(`switch ${found.Name}`, name);

      return r === null ? n : (n ?? 0) + r;
    }, sum), null);

  return { node: el('dl', { class: 'figures' },
    Object.values(all).map((f) => f.node)),
  update() {
    const { host } = model;
    const lost = rate('RxDropped', 'TxDropped');

    all.ports.set(String(model.ports.length));
    all.packets.set(`${short(rate('RxPackets'))}/s`);
    all.bytes.set(bits(rate('RxBytes')));
    all.filtered.set(`${short(rate('Filtered'))}/s`);
    all.lost.set(`${short(lost)}/s`, lost ? 'warn' : '');
    all.buffers.set(host.PacketBuffers === null ? '\u2013'
      : `${exact(host.PacketBuffersUsed)} of ${exact(host.PacketBuffers)}`);
  } };
}

export function overview() {
  const health = healthCard();
  const figures = totals();
  const switches = switchTable();
  const events = eventTable(false);

  return { title: 'Overview', node: el('div', { class: 'view' },
    health.node, figures.node,
    section('Switches', act('Add a switch', addSwitch, { id: 'add-switch' }),
      switches.node),
    section('What happened last', el('a', { href: '#/events' },
      'All events'), events.node)),
  update() {
    health.update();
    figures.update();
    switches.update(model.switches);
    events.update(model.events.slice(-LATEST).reverse());
  } };
}
