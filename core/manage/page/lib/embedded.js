// SPDX-License-Identifier: BSD-3-Clause
//
// A field whose value is an object, or several: a set of fields for each, made
// from the embedded class, with buttons to add one and to leave one out.  To a
// form it is like any other field; its value is the text of the objects.

import { el } from './dom.js';
import { Field } from './field.js';
import { words } from './format.js';
import { objectOf, objectText } from './cim.js';

// The field that suits a property.
export function fieldOf(property, content, isNew) {
  return property.embedded ? new EmbeddedField(property, content, isNew)
    : new Field(property, content, isNew);
}

const sent = (fields) => fields.map((field) => ({
  name: field.property.name, type: field.property.type,
  isArray: field.property.isArray, isObject: field.property.isObject,
  value: field.value }));

function limitOf({ isArray, qualifiers }) {
  return !isArray ? 1 : qualifiers.max ? Number(qualifiers.max) : Infinity;
}

export class EmbeddedField {
  constructor(property, content) {
    const { description, max } = property.qualifiers;
    const hint = property.isArray && max ? `at most ${max}` : '';

    this.property = property;
    this.items = [];
    this.list = el('div', { class: 'items' });
    this.add = el('button', { type: 'button', 'data-embed': property.name,
      click: () => this.append(null).fields[0]?.control.focus() },
    property.isArray ? 'Add one' : 'Fill in');
    this.wrong = el('p', { class: 'wrong' });
    this.node = el('fieldset', { class: 'embedded',
      'data-name': property.name },
    el('legend', {}, words(property.name), property.isRequired
      ? el('span', { class: 'must' }, ' required') : null),
    el('div', { class: 'help' }, description ? el('p', {}, description) : null,
      hint ? el('p', { class: 'hint' }, hint) : null),
    this.list, this.add, this.wrong);
    for (const text of [content].flat().filter((one) => one)) {
      this.append(objectOf(text).values);
    }
    this.before = this.raw();
  }

  // 'values' of one that is there; null: a new one, as the defaults say.
  append(values) {
    const { embedded, name, isArray } = this.property;
    const fields = embedded.properties.filter((p) => !p.isRead)
      .map((p) => fieldOf(p, values ? values[p.name] ?? null : p.otherwise,
        !values));
    const item = { fields };

    item.node = el('fieldset', { class: 'item' },
      el('legend', {}, embedded.qualifiers.displayname || embedded.name),
      fields.map((field) => field.node),
      el('button', { type: 'button', class: 'quiet', click: () =>
        this.remove(item), 'aria-label': `Leave out: ${words(name)}` },
      isArray ? 'Remove' : 'Leave out'));
    this.items.push(item);
    this.list.append(item.node);
    this.add.hidden = this.items.length >= limitOf(this.property);
    return item;
  }

  remove(item) {
    this.items = this.items.filter((other) => other !== item);
    item.node.remove();
    this.add.hidden = false;
    this.add.focus();
  }

  raw() {
    return JSON.stringify(this.items.map(({ fields }) =>
      fields.map((field) => field.value)));
  }

  get changed() {
    return this.raw() !== this.before;
  }

  // What gets the focus.
  get control() {
    return this.items[0]?.fields[0]?.control || this.add;
  }

  // Texts of objects, as CIM has them: text, [text] or null.
  get value() {
    const texts = this.items.map(({ fields }) =>
      objectText(this.property.embedded.name, sent(fields)));

    return !texts.length ? null : this.property.isArray ? texts : texts[0];
  }

  complain(text) {
    this.wrong.textContent = text;
  }

  check() {
    const fields = this.items.flatMap((item) => item.fields);
    const good = fields.map((field) => field.check()).every(Boolean);
    const missing = this.property.isRequired && !this.items.length;

    this.complain(missing ? 'A value is needed.' : '');
    return good && !missing;
  }
}
