// SPDX-License-Identifier: BSD-3-Clause
//
// A table that stays as it is while its numbers change: rows are found again
// by their key, so that focus, selections and the place on the screen are
// kept.  Sorted by any column, filtered by a word, and cut into pages: with
// 1,000 ports only one page of rows is ever in the document.

import { el, setText } from './dom.js';
import { plural } from './format.js';

const PAGE = 50;
const FILTER_FROM = 9;      // fewer rows need no filter
const collate = new Intl.Collator(undefined, { numeric: true });

/*
 * options: { caption, columns, key(row), empty, words(row) }
 * a column: { title, hint, number, sort(row), draw(cell, row), text(row) }
 */
export class Table {
  constructor(options) {
    Object.assign(this, options);
    this.rows = [];
    this.drawn = new Map();
    this.order = { column: null, down: false };
    this.page = 0;
    this.build();
  }

  build() {
    this.heads = this.columns.map((column, i) => this.head(column, i));
    this.body = el('tbody');
    this.filter = el('input', { type: 'search', class: 'filter',
      placeholder: 'Filter', 'aria-label': `Filter: ${this.caption}`,
      input: () => { this.page = 0; this.draw(); } });
    this.count = el('span', { class: 'count', 'aria-live': 'polite' });
    this.back = el('button', { type: 'button', class: 'quiet',
      'aria-label': 'Previous page', click: () => this.turn(-1) }, '\u2039');
    this.on = el('button', { type: 'button', class: 'quiet',
      'aria-label': 'Next page', click: () => this.turn(1) }, '\u203a');
    this.tools = el('div', { class: 'tools' }, this.filter, this.count,
      this.back, this.on);
    this.none = el('p', { class: 'none' }, this.empty || 'Nothing here.');
    this.frame = el('div', { class: 'scroll', tabindex: '-1' },
      el('table', {}, el('caption', { class: 'away' }, this.caption),
        el('thead', {}, el('tr', {}, this.heads)), this.body));
    this.node = el('div', { class: 'list' }, this.tools, this.frame,
      this.none);
  }

  head(column, i) {
    const cell = el('th', { scope: 'col',
      class: column.number ? 'number' : null, title: column.hint });

    cell.append(column.sort || column.text
      ? el('button', { type: 'button', click: () => this.sortBy(i) },
        column.title)
      : el('span', { class: column.title ? null : 'away' },
        column.title || 'Actions'));
    return cell;
  }

  sortBy(i) {
    this.order = { column: i,
      down: this.order.column === i ? !this.order.down
        : Boolean(this.columns[i].number) };
    this.heads.forEach((cell, at) => {
      if (at === i) {
        cell.setAttribute('aria-sort',
          this.order.down ? 'descending' : 'ascending');
      } else {
        cell.removeAttribute('aria-sort');
      }
    });
    this.page = 0;
    this.draw();
  }

  turn(by) {
    this.page += by;
    this.draw();
    this.frame.scrollTop = 0;
  }

  update(rows) {
    this.rows = rows;
    this.draw();
  }

  wanted() {
    const word = this.filter.value.trim().toLowerCase();
    const rows = word ? this.rows.filter((row) => this.words(row)
      .toLowerCase().includes(word)) : [...this.rows];
    const column = this.columns[this.order.column];
    const by = column && (column.sort || column.text);

    if (by) {
      const sign = this.order.down ? -1 : 1;

      rows.sort((a, b) => sign * compare(by(a), by(b)));
    }
    return rows;
  }

  draw() {
    const rows = this.wanted();
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));

    this.page = Math.max(0, Math.min(this.page, pages - 1));
    this.place(rows.slice(this.page * PAGE, (this.page + 1) * PAGE));
    this.filter.hidden = !this.words || (this.rows.length < FILTER_FROM
      && !this.filter.value);
    this.back.hidden = this.on.hidden = pages === 1;
    this.back.disabled = this.page === 0;
    this.on.disabled = this.page === pages - 1;
    setText(this.count, this.said(rows.length, pages));
    this.tools.hidden = this.filter.hidden && pages === 1;
    this.none.hidden = rows.length > 0;
    this.frame.hidden = rows.length === 0;
  }

  said(n, pages) {
    return (n === this.rows.length ? plural(n, 'row')
      : `${n} of ${plural(this.rows.length, 'row')}`)
      + (pages > 1 ? `, page ${this.page + 1} of ${pages}` : '');
  }

  // Puts exactly these rows into the body, in this order, moving as little
  // as possible.
  place(rows) {
    const kept = new Map();
    let at = this.body.firstChild;

    for (const row of rows) {
      const key = this.key(row);
      const line = this.drawn.get(key) || this.line();

      this.fill(line, row);
      kept.set(key, line);
      if (line === at) {
        at = at.nextSibling;
      } else {
        this.body.insertBefore(line, at);
      }
    }
    for (const [key, line] of this.drawn) {
      if (!kept.has(key)) {
        line.remove();
      }
    }
    this.drawn = kept;
  }

  line() {
    return el('tr', {}, this.columns.map((column, i) =>
      el(i ? 'td' : 'th', { class: column.number ? 'number' : column.class,
        scope: i ? null : 'row' })));
  }

  fill(line, row) {
    this.columns.forEach((column, i) => {
      if (column.draw) {
        column.draw(line.children[i], row);
      } else {
        setText(line.children[i], column.text(row));
      }
    });
  }
}

function compare(a, b) {
  if (typeof a === 'number' || typeof b === 'number') {
    return (a ?? -1) - (b ?? -1);
  }
  return collate.compare(a ?? '', b ?? '');
}

// A cell that holds one element, made once and then redrawn.
export const keep = (make, draw) => (cell, row) => {
  if (!cell.firstElementChild) {
    cell.append(make(row));
  }
  draw(cell.firstElementChild, row, cell);
};
