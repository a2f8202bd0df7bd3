// SPDX-License-Identifier: BSD-3-Clause
//
// Pieces that several views have in common.

import { el, setText, setClass } from './dom.js';
import { isAdmin } from './model.js';

// A button of something that only an admin may do: nothing for others.
export function act(title, listener, attributes = {}) {
  return isAdmin() ? el('button', { type: 'button', ...attributes,
    click: listener }, title) : null;
}

// A column of small buttons: [[title, label(row), act(row)], ...].
export function actions(list) {
  return { title: '', class: 'actions', draw: (cell, row) => {
    cell.row = row;
    if (!cell.firstElementChild && isAdmin()) {
      cell.append(...list.map(([title, label, run]) => el('button',
        { type: 'button', class: 'quiet', 'aria-label': label(row),
          click: () => run(cell.row) }, title)));
    }
  } };
}

// A link in a cell, which keeps its element.
export function linkColumn(title, text, where, more = {}) {
  return { title, text, ...more, draw: (cell, row) => {
    if (!cell.firstElementChild) {
      cell.append(el('a', {}));
    }
    const link = cell.firstElementChild;

    setText(link, text(row));
    link.setAttribute('href', where(row));
  } };
}

export function section(title, buttons, ...nodes) {
  return el('section', { class: 'card' }, el('div', { class: 'card-head' },
    el('h2', {}, title), el('div', { class: 'buttons' }, buttons)), nodes);
}

// A figure with its name: { node, set(text, kind) }.
export function figure(title) {
  const number = el('dd', {});

  return { node: el('div', { class: 'figure' }, el('dt', {}, title), number),
    set(text, kind = '') {
      setText(number, text);
      setClass(number, kind);
    } };
}

export function definition(pairs) {
  return el('dl', { class: 'pairs' }, pairs.filter(([, text]) => text !== null
    && text !== undefined && text !== '').map(([name, text]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, text))));
}
