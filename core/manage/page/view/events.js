// SPDX-License-Identifier: BSD-3-Clause
//
// What happened on the host, the newest first; new ones come by themselves.

import { el, setText, setClass, hash, stateOf, drawState } from '../lib/dom.js';
import { clock } from '../lib/format.js';
import { model } from '../lib/model.js';
import { Table, keep } from '../lib/table.js';
import { section } from '../lib/parts.js';

const severityKind = (severity) => severity === 'error' ? 'bad'
  : severity === 'warning' ? 'warn' : 'off';

function about(event) {
  return [event.SwitchName && (event.PortName
    ? `${event.SwitchName}/${event.PortName}` : event.SwitchName),
  event.ExtensionName].filter(Boolean).join(', ');
}

function aboutLink(event) {
  return event.SwitchName ? hash('switch', event.SwitchName)
    : event.ExtensionName ? hash('extension', event.ExtensionName) : null;
}

const severity = { title: 'Severity', text: (event) => event.Severity,
  draw: keep((event) => stateOf(event.Severity, severityKind(event.Severity)),
    (node, event) => drawState(node, event.Severity,
      severityKind(event.Severity))) };

const place = { title: 'About', text: about, draw: keep(() => el('a', {}),
  (node, event) => {
    const where = aboutLink(event);

    setText(node, about(event));
    if (where) {
      node.setAttribute('href', where);
    } else {
      node.removeAttribute('href');
    }
  }) };

export function eventTable(sorted = true) {
  const columns = [
    { title: 'Time', class: 'time', text: (event) => clock(event.Time) },
    severity, { title: 'Kind', text: (event) => event.Kind }, place,
    { title: 'What', class: 'wide', text: (event) => event.Text }];

  return new Table({ caption: 'Events', key: (event) => event.Sequence,
    empty: 'Nothing has happened yet.',
    words: sorted ? (event) => [event.Kind, event.Severity, about(event),
      event.Text].join(' ') : null,
    columns: sorted ? columns : columns.map((column) => ({ ...column,
      draw: column.draw || ((cell, row) => setText(cell, column.text(row))),
      text: null, sort: null })) });
}

export function events() {
  const table = eventTable();
  const heading = el('h1', {}, 'Events');
  const live = el('p', { class: 'lead' });

  return { title: 'Events', node: el('div', { class: 'view' }, heading, live,
    section('Newest first', null, table.node)),
  update() {
    setText(live, model.failure ? 'Not following: xvsd does not answer.'
      : `Following.  ${model.events.length} events are remembered here.`);
    setClass(live, model.failure ? 'lead bad' : 'lead');
    table.update([...model.events].reverse());
  } };
}
