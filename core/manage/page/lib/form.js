// SPDX-License-Identifier: BSD-3-Clause
//
// Forms for objects, made from their class, in a dialog.  Only what was
// changed is sent; a refusal, in the extension's own words, stands at the
// form, which stays open.

import { el, say } from './dom.js';
import { fieldOf } from './embedded.js';

const FILLED_IN = new Set(['InstanceID', 'SwitchName', 'PortName',
  'SettingState', 'Caption', 'Description', 'ElementName']);

// The properties that a person fills in.
function editable(cls, isNew, left) {
  return cls.properties.filter((property) => !left.has(property.name)
    && !property.isRead && (!property.isObject || property.embedded)
    && (isNew || !property.isKey));
}

// Opens a dialog with a heading, some nodes and buttons.  It closes with
// Escape, and gives the focus back to where it was.
export function openDialog(title, nodes, buttons = []) {
  const close = el('button', { type: 'button', class: 'quiet close',
    'aria-label': 'Close', click: () => dialog.close() }, '\u2715');
  const dialog = el('dialog', { 'aria-labelledby': 'dialog-title',
    close: () => dialog.remove() },
  el('div', { class: 'dialog-head' },
    el('h2', { id: 'dialog-title' }, title), close),
  el('div', { class: 'dialog-body' }, nodes),
  buttons.length ? el('div', { class: 'dialog-foot' }, buttons) : null);

  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Runs an action of a dialog: closes it when it went well, else says at the
// dialog why not.
async function attempt(dialog, refusal, buttons, act, done) {
  buttons.forEach((button) => { button.disabled = true; });
  refusal.hidden = true;
  try {
    await act();
    dialog.close();
    say(done);
    return true;
  } catch (error) {
    refusal.textContent = error.message;
    refusal.hidden = false;
    buttons.forEach((button) => { button.disabled = false; });
    return error;
  }
}

// Marks the first field that the refusal names.
function blame(fields, text) {
  const guilty = fields.find((field) =>
    new RegExp(`\\b${field.property.name}\\b`).test(text));

  if (guilty) {
    guilty.complain('See above.');
    guilty.control.focus();
  }
}

const sent = (fields) => fields.map((field) => ({
  name: field.property.name, type: field.property.type,
  isArray: field.property.isArray, isObject: field.property.isObject,
  value: field.value }));

/*
 * options: { title, cls, values (null: new), fixed: [{ name, type, value }],
 *   omit: [names], suggest: { Name: [{ value, text }] }, extra: [properties],
 *   verb, done, save(properties) -> Promise }
 */
export function openForm(options) {
  const isNew = !options.values;
  const left = new Set([...(options.keepFilled ? [] : FILLED_IN),
    ...(options.omit || [])]);
  const fields = [...(options.extra || []),
    ...editable(options.cls, isNew, left)].map((property) => fieldOf(
    { ...property, suggested: (options.suggest || {})[property.name] },
    isNew ? property.otherwise : options.values[property.name] ?? null,
    isNew));
  const refusal = el('p', { class: 'refusal', role: 'alert', hidden: true });
  const save = el('button', { type: 'submit', form: 'form',
    class: 'main' }, options.verb || (isNew ? 'Add' : 'Change'));
  const form = el('form', { id: 'form', novalidate: true }, refusal,
    options.about ? el('p', { class: 'about' }, options.about) : null,
    fields.map((field) => field.node));
  const dialog = openDialog(options.title, form, [save,
    el('button', { type: 'button', click: () => dialog.close() }, 'Cancel')]);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit({ options, fields, dialog, refusal, save, isNew });
  });
  (fields[0] || { control: save }).control.focus();
  return dialog;
}

async function submit({ options, fields, dialog, refusal, save, isNew }) {
  const wrong = fields.filter((field) => !field.check());
  const chosen = fields.filter((field) => field.changed
    || (isNew && field.property.isKey) || field.property.always);

  if (wrong.length) {
    wrong[0].control.focus();
    return;
  }
  if (!isNew && !chosen.length) {
    dialog.close();
    return;
  }
  const result = await attempt(dialog, refusal, [save], () =>
    options.save([...(options.fixed || []), ...sent(chosen)]),
  options.done || 'Done.');

  if (result !== true) {
    blame(fields, result.message);
    if (!dialog.contains(document.activeElement)
        || document.activeElement === save) {
      fields[0]?.control.focus();
    }
  }
}

// Asks before something goes.
export function confirm(title, text, verb, act, done) {
  const refusal = el('p', { class: 'refusal', role: 'alert', hidden: true });
  const button = el('button', { type: 'button', class: 'danger', click: () =>
    attempt(dialog, refusal, [button], act, done) }, verb);
  const dialog = openDialog(title, [refusal, el('p', {}, text)], [button,
    el('button', { type: 'button', click: () => dialog.close() }, 'Cancel')]);

  button.focus();
}
