// SPDX-License-Identifier: BSD-3-Clause
//
// A port in a dialog: all that it says of itself, and the settings that
// extensions have for it.

import { el, hash } from '../lib/dom.js';
import { getClass, getInstance, query } from '../lib/cim.js';
import { exact, valueText, words } from '../lib/format.js';
import { extensionsOfClass } from './extension.js';
import { openDialog } from '../lib/form.js';
import { definition } from '../lib/parts.js';
import { changePort } from './changes.js';
import { isAdmin } from '../lib/model.js';

// A literal of WQL.  Names have no quotes, but this does not rely on it.
const literal = (text) => `'${text.replace(/['\\]/g, '\\$&')}'`;

function figures(cls, values) {
  return definition(cls.properties.filter((property) =>
    !['SwitchName', 'Name'].includes(property.name)).map((property) =>
    [words(property.name), property.isCounter
      ? exact(values[property.name])
      : valueText(property, values[property.name])]));
}

function settingLine({ class: name, values }) {
  const [extension] = extensionsOfClass(name);

  return el('li', {}, extension ? el('a', { href: hash('extension',
    extension.Name), click: () => document.querySelector('dialog')?.close() },
  name) : name, ` \u2013 ${values.SettingState}`);
}

export async function openPort(port) {
  const keys = { SwitchName: port.SwitchName, Name: port.Name };
  const [cls, { values }, settings] = await Promise.all([
    getClass('XVS_Port'), getInstance('XVS_Port', keys),
    query('SELECT * FROM XVS_PortFeatureSettings WHERE SwitchName = '
      + `${literal(port.SwitchName)} AND PortName = ${literal(port.Name)}`)]);
  const change = isAdmin() ? el('button', { type: 'button', class: 'main',
    click: () => { dialog.close(); changePort(port); } }, 'Change') : null;
  const dialog = openDialog(`Port ${port.SwitchName}/${port.Name}`, [
    figures(cls, values), el('h3', {}, 'Settings of extensions'),
    settings.length ? el('ul', {}, settings.map(settingLine))
      : el('p', { class: 'none' }, 'None.')], [change,
    el('button', { type: 'button', click: () => dialog.close() }, 'Close')]
    .filter(Boolean));
}
