// SPDX-License-Identifier: BSD-3-Clause
//
// Objects of a status class, read again and again while somebody looks, and
// drawn by what the schema says of each property: a counter has a rate, a gauge
// is a number of now, units make a scale, values have words.

import { el, setText, stateOf, drawState } from './dom.js';
import { enumerate } from './cim.js';
import { bits, exact, short, valueText, words } from './format.js';
import { watch } from './model.js';
import { Rates } from './rates.js';
import { figure } from './parts.js';
import { openDialog } from './form.js';
import { keep } from './table.js';
import { isNumber } from './field.js';

const PAUSE = 1000;     // milliseconds between two looks, at least
const SHARE = 4;        // as in model.js: one part in five is ours
const KEYS = new Set(['SystemName', 'PortName', 'Name', 'InstanceID',
  'SystemCreationClassName', 'CreationClassName', 'Caption', 'Description',
  'ElementName', 'SwitchName']);

const says = (property, name) =>
  (property.qualifiers[name] || '').toLowerCase() === 'true';

// ---- Values ----------------------------------------------------------------

const SCALES = {
  bytes: (text) => short(Number(text), 'B'),
  microseconds: (text) => Number(text) < 9999.5 ? `${exact(text)}\u2009\u00b5s`
    : `${short(Number(text) / 1000)}\u2009ms`,
  seconds: (text) => `${exact(text)}\u2009s`,
};

export function statusText(property, text) {
  const scale = SCALES[(property.qualifiers.units || '').toLowerCase()];

  if (text === null || text === undefined || text === '') {
    return '\u2013';
  }
  return !isNumber(property.type) || property.qualifiers.values
    ? valueText(property, text) : scale ? scale(text) : exact(text);
}

// The rate of a counter as text; "" when nothing moves.
function rateText(property, rate) {
  if (!rate) {
    return '';
  }
  return (property.qualifiers.units || '').toLowerCase() === 'bytes'
    ? bits(rate) : `${short(rate)}/s`;
}

// ---- Objects ---------------------------------------------------------------

export class Status {
  constructor(cls, drawn) {
    this.cls = cls;
    this.drawn = drawn;     // called when there is something new
    this.own = cls.properties.filter((property) => !KEYS.has(property.name));
    this.counters = this.own.filter((property) => property.isCounter);
    this.rates = new Rates();
    this.rows = [];
    this.failure = null;
    this.busy = false;
    this.next = 0;
  }

  key(row) {
    return [row.SystemName, row.PortName, row.Name].join('\n');
  }

  find(key) {
    return this.rows.find((row) => this.key(row) === key);
  }

  property(name) {
    return this.own.find((property) => property.name === name);
  }

  rate(row, name) {
    return this.rates.rate(this.key(row), name);
  }

  // Reads them, unless that was just done; a slow server is asked less.
  async look() {
    const began = performance.now();

    if (this.busy || began < this.next) {
      return;
    }
    this.busy = true;
    try {
      this.rows = (await enumerate(this.cls.name)).map((i) => i.values);
      this.failure = null;
      this.feed(performance.now());
    } catch (error) {
      this.failure = error;
    }
    this.busy = false;
    this.next = performance.now() - PAUSE / 10
      + Math.max(PAUSE, (performance.now() - began) * SHARE);
    this.drawn();
  }

  feed(now) {
    for (const row of this.rows) {
      this.rates.feed(this.key(row), Object.fromEntries(this.counters.map(
        (property) => [property.name, row[property.name]])), now);
    }
    this.rates.sweep();
  }
}

// ---- Columns ---------------------------------------------------------------

// A column of a table for a property; 'more' says otherwise.
export function statusColumn(status, name, more = {}) {
  const property = status.property(name);
  const number = isNumber(property.type) && !property.qualifiers.values;
  const text = (row) => statusText(property, row[name]);

  return { title: words(name), hint: property.qualifiers.description, number,
    sort: number ? (row) => row[name] === null ? null : Number(row[name])
      : text,
    draw: (cell, row) => {
      setText(cell, text(row));
      cell.title = property.isCounter ? [exact(row[name]),
        rateText(property, status.rate(row, name))].filter(Boolean).join(', ')
        : '';
    },
    ...more };
}

// What several counters of the same unit do now, together.
export function rateColumn(status, names, title) {
  const property = status.property(names[0]);
  const rate = (row) => names.reduce((sum, name) => {
    const one = status.rate(row, name);

    return one === null ? sum : (sum ?? 0) + one;
  }, null);

  return { title, number: true, sort: rate,
    hint: names.map((name) => words(name)).join(' and '),
    draw: (cell, row) => setText(cell, rateText(property, rate(row))
      || '\u2013') };
}

// A property whose values have words, as a state, with why below it.
export function stateColumn(status, name, why) {
  const property = status.property(name);
  const text = (row) => statusText(property, row[name]);

  return { title: words(name), hint: property.qualifiers.description,
    sort: text,
    draw: keep((row) => el('div', {}, stateOf(text(row)),
      el('div', { class: 'why' })), (node, row) => {
      drawState(node.firstElementChild, text(row));
      setText(node.lastElementChild, row[why] || '');
    }) };
}

export const allColumns = (status) => status.own.map((property) =>
  statusColumn(status, property.name));

// ---- One object ------------------------------------------------------------

// Properties with their names, which stay as they are while the texts change:
// { node, update(row) }.
function pairsOf(status, wanted) {
  const pairs = status.own.filter(wanted).map((property) => {
    const content = el('dd', {});

    return { property, content, node: el('div', {
      title: property.qualifiers.description }, el('dt', {},
      words(property.name)), content) };
  });

  return { node: el('dl', { class: 'pairs' }, pairs.map(({ node }) => node)),
    update(row) {
      for (const { property, content } of pairs) {
        setText(content, [statusText(property, row[property.name]),
          property.isCounter
            ? rateText(property, status.rate(row, property.name)) : '']
          .filter(Boolean).join(', '));
      }
    } };
}

// All that a class of one object says: { node, update(rows) }.
export function statusFigures(status) {
  const gauges = status.own.filter((property) => says(property, 'gauge'))
    .map((property) => [property, figure(words(property.name))]);
  const rest = pairsOf(status, (property) => !says(property, 'gauge'));
  const none = el('p', { class: 'none' }, 'No answer.');
  const all = el('div', { class: 'cards' }, el('dl', { class: 'figures' },
    gauges.map(([, { node }]) => node)), rest.node);

  gauges.forEach(([property, { node }]) => {
    node.title = property.qualifiers.description || '';
  });
  return { node: el('div', {}, none, all), update([row]) {
    none.hidden = Boolean(row);
    all.hidden = !row;
    if (row) {
      gauges.forEach(([property, { set }]) =>
        set(statusText(property, row[property.name])));
      rest.update(row);
    }
  } };
}

// Everything that an object says, in a dialog, for as long as it is open.
export function openStatus(title, status, key) {
  const gone = el('p', { class: 'none', hidden: true },
    'It is not there any more.');
  const pairs = pairsOf(status, () => true);
  const draw = () => {
    const row = status.find(key);

    gone.hidden = Boolean(row);
    if (row) {
      pairs.update(row);
    }
  };
  const forget = watch(draw);
  const dialog = openDialog(title, [gone, pairs.node], [
    el('button', { type: 'button', click: () => dialog.close() }, 'Close')]);

  draw();
  dialog.addEventListener('close', forget);
}
