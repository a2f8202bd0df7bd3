// SPDX-License-Identifier: BSD-3-Clause
//
// A switch: its chain as a picture, what each stage costs, and its ports.

import { el, setText, hash, stateOf, drawState } from '../lib/dom.js';
import { short, bits, exact } from '../lib/format.js';
import { model, portKey, stageKey, portsOf } from '../lib/model.js';
import { Chain, conditionOf, costOf, partitionOf, placesOf } from './chain.js';
import { Table, keep } from '../lib/table.js';
import { spark, drawSpark } from '../lib/spark.js';
import { act, actions, linkColumn, section } from '../lib/parts.js';
import { openPort } from './port.js';
import { addPort, changePort, removePort, removeSwitch, enableExtension,
  changeStage, disableStage } from './changes.js';

// ---- Ports -----------------------------------------------------------------

function portRate(title, name, draw) {
  const rate = (port) => model.rates.rate(portKey(port), name);

  return { title, number: true, sort: rate,
    draw: (cell, port) => setText(cell, draw(rate(port))) };
}

function lost(port) {
  return ['RxDropped', 'TxDropped', 'DroppedNoEntry', 'DroppedNoBuffer'].reduce((sum, name) =>
    sum + BigInt(port[name] || 0), 0n);
}

const portName = { title: 'Port', text: (port) => port.Name,
  draw: (cell, port) => {
    cell.port = port;
    if (!cell.firstElementChild) {
      cell.append(el('button', { type: 'button', class: 'link',
        click: () => openPort(cell.port) }));
    }
    setText(cell.firstElementChild, port.Name);
  } };

const portState = { title: 'State', text: (port) => port.State,
  draw: keep((port) => stateOf(port.State), (node, port) => {
    drawState(node, port.State);
    node.title = port.StateText || '';
  }) };

function portTable() {
  return new Table({ caption: 'Ports', key: (port) => port.Name,
    empty: 'No ports yet.',
    words: (port) => [port.Name, port.State, port.Driver, port.Device,
      port.MacAddress, port.EntryStage].join(' '),
    columns: [portName, portState,
      { title: 'Driver', text: (port) => port.Driver },
      { title: 'Enters at', text: (port) => port.EntryStage || '\u2013' },
      portRate('In pkt/s', 'RxPackets', (rate) => short(rate)),
      portRate('In', 'RxBytes', bits),
      { title: 'Last minute', draw: keep(spark, (node, port) =>
        drawSpark(node, model.rates.history(portKey(port), 'RxPackets'))) },
      portRate('Out pkt/s', 'TxPackets', (rate) => short(rate)),
      portRate('Out', 'TxBytes', bits),
      { title: 'Filtered', number: true, hint: 'Packets from this port that '
        + 'an extension dropped', sort: (port) => Number(port.Filtered),
      draw: (cell, port) => setText(cell, exact(port.Filtered)) },
      { title: 'Dropped', number: true, hint: 'For want of room, or because '
        + 'the stage where the port enters was not there',
      sort: (port) => Number(lost(port)),
      draw: (cell, port) => setText(cell, exact(lost(port))) },
      actions([['Change', (port) => `Change port ${port.Name}`, changePort],
        ['Remove', (port) => `Remove port ${port.Name}`, removePort]])] });
}

// ---- Stages ----------------------------------------------------------------

const reasons = (stage) => (stage.DropReasons || []).map((reason, i) =>
  `${reason}: ${exact((stage.DropCounts || [])[i])}`).join('; ');

function standby(stage) {
  if (!stage.Partner) {
    return stage.StandbyState || '\u2013';
  }
  return `${stage.Sharing || 'failover'} for ${stage.Partner}`
    + `${Number(stage.Diverted) ? `, ${exact(stage.Diverted)} diverted` : ''}`;
}

function failures(stage) {
  return [Number(stage.Restarts) ? `${exact(stage.Restarts)} restarts` : '',
    Number(stage.Lost) ? `${exact(stage.Lost)} lost` : '',
    Number(stage.Timeouts) ? `${exact(stage.Timeouts)} timeouts` : '',
    stage.LastFailure ? `last: ${stage.LastFailure}` : '']
    .filter(Boolean).join(', ') || '\u2013';
}

// How much of a processor's time its hooks take.
function load(stage) {
  const rate = model.rates.rate(stageKey(stage), 'HookTime');

  return rate === null ? '\u2013' : `${(rate / 1e7).toFixed(1)}\u2009%`;
}

const stageState = { title: 'State', text: (stage) => stage.State,
  draw: keep((stage) => stateOf(stage.State), (node, stage) => {
    const { word, kind } = conditionOf(stage);

    drawState(node, word, kind);
  }) };

function stageTable() {
  const rate = (stage) => model.rates.rate(stageKey(stage), 'Packets');

  return new Table({ caption: 'Stages',
    key: (stage) => stage.ExtensionName,
    empty: 'No extensions are enabled: packets go straight to their ports.',
    columns: [linkColumn('Stage', (stage) => stage.ExtensionName, (stage) =>
      hash('extension', stage.ExtensionName), { text: null }),
    { ...stageState, text: null },
    { title: 'Runs', draw: (cell, s) => setText(cell, partitionOf(s)) },
    { title: 'Standby', draw: (cell, s) => setText(cell, standby(s)) },
    { title: 'Packets/s', number: true, draw: (cell, stage) =>
      setText(cell, short(rate(stage))) },
    { title: 'ns/packet', number: true, hint: 'Time in its packet hooks by '
      + 'packets, since it began', draw: (cell, stage) => setText(cell,
      costOf(stage) === null ? '\u2013' : costOf(stage).toFixed(0)) },
    { title: 'CPU', number: true, hint: 'Of one processor, now',
      draw: (cell, stage) => setText(cell, load(stage)) },
    { title: 'Drops', number: true, draw: (cell, stage) => {
      setText(cell, exact(stage.Drops));
      cell.title = reasons(stage);
    } },
    { title: 'Failures', class: 'wide', draw: (cell, stage) =>
      setText(cell, failures(stage)) },
    actions([['Change', (s) => `Change stage ${s.ExtensionName}`,
      changeStage],
    ['Disable', (s) => `Disable ${s.ExtensionName}`, disableStage]])] });
}

// ---- The view --------------------------------------------------------------

function nobody(name) {
  return { title: name, node: el('div', { class: 'view' },
    el('h1', {}, name), el('p', {}, 'There is no such switch (any more).  ',
      el('a', { href: '#/' }, 'Overview'))), update() {} };
}

export function switchView(name) {
  const chain = new Chain();
  const stages = stageTable();
  const ports = portTable();
  const state = stateOf('');
  const gone = el('p', { class: 'banner', hidden: true },
    'This switch is not there any more.');

  if (!model.switches.some((found) => found.Name === name)) {
    return nobody(name);
  }
  return { title: name, node: el('div', { class: 'view' },
    el('div', { class: 'view-head' }, el('h1', {}, name), state,
      el('span', { class: 'grow' }),
      act('Remove switch', () => removeSwitch(name), { class: 'quiet' })),
    gone,
    section('Chain', act('Enable an extension', () => enableExtension(name)),
      chain.node, stages.node),
    section('Ports', act('Add a port', () => addPort(name),
      { id: 'add-port' }), ports.node)),
  update() {
    const found = model.switches.find((other) => other.Name === name);

    gone.hidden = Boolean(found);
    if (found) {
      drawState(state, found.State);
      chain.update(found);
      stages.update(placesOf(found).flat());
      ports.update(portsOf(name));
    }
  } };
}

