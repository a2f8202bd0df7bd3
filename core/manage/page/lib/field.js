// SPDX-License-Identifier: BSD-3-Clause
//
// One field of a form, made from what the schema says of a property: a
// choice for a ValueMap, a box for a boolean, a line per item for an array, a
// password for a Secret.  A field gives its content as CIM texts, or says what
// is wrong with it.

import { el } from './dom.js';
import { words } from './format.js';

const RANGES = {
  uint8: [0n, 255n], uint16: [0n, 65535n], uint32: [0n, 4294967295n],
  uint64: [0n, 18446744073709551615n], sint8: [-128n, 127n],
  sint16: [-32768n, 32767n], sint32: [-2147483648n, 2147483647n],
  sint64: [-9223372036854775808n, 9223372036854775807n],
};
let serial = 0;

export const isNumber = (type) => type in RANGES || type.startsWith('real');

// The numbers that the property takes, or null.
function rangeOf({ type, qualifiers }) {
  if (!RANGES[type]) {
    return null;
  }
  const [low, high] = RANGES[type];

  return [qualifiers.minvalue ? BigInt(qualifiers.minvalue) : low,
    qualifiers.maxvalue ? BigInt(qualifiers.maxvalue) : high];
}

// Choices of a ValueMap: [{ value, text }], or null when others are allowed.
function choicesOf({ qualifiers, isArray }) {
  const map = qualifiers.valuemap;

  if (!Array.isArray(map) || isArray || map.some((v) => v.includes('..'))) {
    return null;
  }
  return map.map((value, i) => ({ value,
    text: (qualifiers.values && qualifiers.values[i]) || value }));
}

function hintOf(property) {
  const range = rangeOf(property);
  const { minvalue, maxvalue, maxlen, units, max } = property.qualifiers;
  const parts = [];

  if (range && (minvalue || maxvalue) && !choicesOf(property)) {
    parts.push(`${range[0]} to ${range[1]}`);
  }
  if (maxlen) {
    parts.push(`at most ${maxlen} characters`);
  }
  if (property.isArray) {
    parts.push(`one per line${max ? `, at most ${max}` : ''}`);
  }
  if (units) {
    parts.push(`in ${units.toLowerCase()}`);
  }
  if (property.type === 'datetime') {
    parts.push('yyyymmddhhmmss.mmmmmm+utc');
  }
  return parts.join('; ');
}

// ---- Controls --------------------------------------------------------------

function select(property, choices, attributes, content) {
  const all = content === null || !choices.some((c) => c.value === content)
    || !property.isRequired
    ? [{ value: '', text: '(not set)' }, ...choices] : choices;

  return el('select', attributes, all.map((choice) => el('option',
    { value: choice.value, selected: choice.value === (content ?? '') },
    choice.text)));
}

function box(attributes, content) {
  return el('input', { ...attributes, type: 'checkbox',
    checked: (content || '').toLowerCase() === 'true' });
}

function lines(attributes, content) {
  const area = el('textarea', { ...attributes, rows: 3 });

  area.value = (content || []).join('\n');
  return area;
}

function line(property, attributes, content) {
  const { qualifiers } = property;
  const input = el('input', { ...attributes,
    type: property.isSecret ? 'password' : 'text',
    autocomplete: property.isSecret ? 'new-password' : 'off',
    spellcheck: 'false',
    inputmode: property.type in RANGES ? 'numeric' : null,
    maxlength: isNumber(property.type) ? null : qualifiers.maxlen });

  input.value = content ?? '';
  return input;
}

// What is offered for a ValueMap with ranges: names beside the numbers.
function suggestions(property, input) {
  const { valuemap: map, values } = property.qualifiers;

  if (!Array.isArray(map) || property.isArray) {
    return null;
  }
  const list = el('datalist', { id: `${input.id}-list` }, map.map((value, i) =>
    value.includes('..') ? null : el('option', { value },
      (values && values[i]) || value)));

  input.setAttribute('list', list.id);
  return list;
}

function controlOf(property, attributes, content) {
  const choices = property.suggested || choicesOf(property);

  if (choices) {
    return select(property, choices, attributes, content);
  }
  if (property.isArray) {
    return lines(attributes, content);
  }
  if (property.type === 'boolean') {
    return content === null ? select(property, [
      { value: 'TRUE', text: 'yes' }, { value: 'FALSE', text: 'no' }],
    attributes, null) : box(attributes, content);
  }
  return line(property, attributes, content);
}

// ---- Fields ----------------------------------------------------------------

export class Field {
  // 'content' is what there is, or the default; 'isNew': of a new object.
  constructor(property, content, isNew) {
    const id = `field-${++serial}`;
    const about = property.qualifiers.description;
    const hint = [hintOf(property), property.isSecret && !isNew
      ? 'never shown; leave it empty to keep what there is' : '']
      .filter(Boolean).join('; ');

    this.property = property;
    this.control = controlOf(property, { id, name: property.name,
      'aria-describedby': `${id}-help ${id}-wrong`,
      required: property.isRequired && property.type !== 'boolean' }, content);
    this.wrong = el('p', { class: 'wrong', id: `${id}-wrong` });
    this.node = el('div', { class: 'field' },
      el('label', { for: id }, words(property.name), property.isRequired
        ? el('span', { class: 'must' }, ' required') : null),
      this.control,
      this.control.tagName === 'INPUT' && property.type !== 'boolean'
        ? suggestions(property, this.control) : null,
      el('div', { class: 'help', id: `${id}-help` },
        about ? el('p', {}, about) : null,
        hint ? el('p', { class: 'hint' }, hint) : null),
      this.wrong);
    this.before = this.raw();
  }

  raw() {
    return this.control.type === 'checkbox' ? String(this.control.checked)
      : this.control.value;
  }

  get changed() {
    return this.raw() !== this.before;
  }

  // The content as CIM has it: text, [text] or null.
  get value() {
    const raw = this.raw();

    if (this.property.isArray) {
      const items = raw.split('\n').map((text) => text.trim())
        .filter(Boolean);

      return items.length ? items.map((item) => this.scalar(item)) : null;
    }
    if (this.property.type === 'string') {
      return raw === '' ? null : raw;
    }
    return raw.trim() === '' ? null : this.scalar(raw.trim());
  }

  // Numbers in hexadecimal become decimal; all else is the server's.
  scalar(text) {
    return this.property.type in RANGES && /^0x[0-9a-f]+$/i.test(text)
      ? String(BigInt(text)) : text;
  }

  complain(text) {
    this.wrong.textContent = text;
    if (text) {
      this.control.setAttribute('aria-invalid', 'true');
    } else {
      this.control.removeAttribute('aria-invalid');
    }
  }

  // What is plainly wrong; the server judges the rest.
  check() {
    const { value } = this;
    const wrong = value === null
      ? this.property.isRequired && !this.property.isSecret
        ? 'A value is needed.' : ''
      : [value].flat().map((item) => this.judge(item)).find(Boolean) || '';

    this.complain(wrong);
    return !wrong;
  }

  judge(text) {
    const range = rangeOf(this.property);

    if (!range || this.property.suggested || choicesOf(this.property)) {
      return '';
    }
    if (!/^[+-]?\d+$/.test(text)) {
      return `"${text}" is not a whole number.`;
    }
    return BigInt(text) < range[0] || BigInt(text) > range[1]
      ? `${text} is not from ${range[0]} to ${range[1]}.` : '';
  }
}
