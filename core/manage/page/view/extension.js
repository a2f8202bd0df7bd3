// SPDX-License-Identifier: BSD-3-Clause
//
// An extension: what it is, its settings class by class, and what it answers
// about its work.

import { el, setText, stateOf, drawState, hash } from '../lib/dom.js';
import { enumerate, getClass } from '../lib/cim.js';
import { exact, valueText, words, plural } from '../lib/format.js';
import { model, extensionOf } from '../lib/model.js';
import { isNumber } from '../lib/field.js';
import { Table, keep } from '../lib/table.js';
import { act, actions, definition, section } from '../lib/parts.js';
import { addSetting, changeSetting, removeSetting, isSetting, isOfPort,
  isAbstract, titleOf, callMethod, methodsOf } from './changes.js';

const PLACE = new Set(['SwitchName', 'PortName', 'SystemName', 'InstanceID',
  'SettingState', 'Caption', 'Description', 'ElementName', 'CreationClassName',
  'SystemCreationClassName', 'Name']);
const SLOWLY = 2000;    // milliseconds between two looks at its objects

export const extensionsOfClass = (name) => model.extensions.filter((e) =>
  (e.Features || []).includes(name));

const placeOf = (row) => [row.SwitchName || row.SystemName, row.PortName]
  .filter(Boolean).join('/');

function propertyColumn(property) {
  const number = isNumber(property.type) && !property.isArray
    && !property.qualifiers.values;
  const text = (row) => property.isSecret ? '(secret)'
    : property.isCounter ? exact(row[property.name])
      : valueText(property, row[property.name]);

  return { title: words(property.name), number, text,
    hint: property.qualifiers.description,
    sort: number ? (row) => Number(row[property.name]) : text };
}

const stateColumn = { title: 'State', text: (row) => row.SettingState,
  draw: keep((row) => stateOf(row.SettingState), (node, row) =>
    drawState(node, row.SettingState)) };

// A button for each method of a class of status.
function methodButtons(cls, reload) {
  const keys = cls.properties.filter((property) => property.isKey)
    .map((property) => property.name);

  return methodsOf(cls).map((method) => [words(method.name), (row) =>
    `${words(method.name)}: ${placeOf(row)}`, (row) => callMethod(cls,
    Object.fromEntries(keys.map((name) => [name, row[name]])), placeOf(row),
    method, reload)]);
}

function classTable(cls, reload) {
  const setting = isSetting(cls);
  const own = cls.properties.filter((property) => !PLACE.has(property.name));
  const methods = setting ? [] : methodButtons(cls, reload);
  const key = setting ? (row) => row.InstanceID
    : (row) => [row.SystemName, row.PortName, row.Name].join('\n');

  return new Table({ caption: titleOf(cls), key,
    words: (row) => `${placeOf(row)} ${Object.values(row).join(' ')}`,
    empty: setting ? 'No settings of this class.' : 'No answers.',
    columns: [{ title: 'Place', text: placeOf },
      ...(setting ? [stateColumn] : []), ...own.map(propertyColumn),
      ...(setting ? [actions([
        ['Change', (row) => `Change the setting of ${placeOf(row)}`, (row) =>
          changeSetting(cls, row, reload)],
        ['Remove', (row) => `Remove the setting of ${placeOf(row)}`, (row) =>
          removeSetting(cls, row, reload)]])]
        : methods.length ? [actions(methods)] : [])] });
}

// A class's card, filled again and again by reload().
function classCard(cls) {
  const said = el('p', { class: 'refusal', role: 'alert', hidden: true });
  const about = cls.qualifiers.description;
  const card = { busy: false, again: false };

  card.reload = async () => {
    if (card.busy) {
      card.again = true;
      return;
    }
    card.busy = true;
    try {
      card.table.update((await enumerate(cls.name)).map((i) => i.values));
      said.hidden = true;
    } catch (error) {
      setText(said, error.message);
      said.hidden = false;
    }
    card.busy = false;
    if (card.again) {
      card.again = false;
      card.reload();
    }
  };
  card.table = classTable(cls, card.reload);
  card.node = section(titleOf(cls), isSetting(cls) ? act('Add', () =>
    addSetting(cls, null, card.reload), { 'data-add': cls.name,
    'aria-label': `Add: ${titleOf(cls)}` }) : null,
  el('p', { class: 'about' }, el('code', {}, cls.name), '  ', about || ''),
  said, card.table.node);
  return card;
}

function facts(extension) {
  return definition([['Class', extension.ExtensionClass],
    ['On failure', extension.OnFailure], ['Version', extension.Version],
    ['Vendor', extension.Vendor], ['File', extension.File],
    ['Identity', extension.ExtensionId]]);
}

function switchLinks(extension) {
  const names = extension.Switches || [];

  return el('p', { class: 'lead' }, names.length ? ['Enabled on ',
    names.map((name, i) => [i ? ', ' : '', el('a', {
      href: hash('switch', name) }, name)])].flat(2)
    : 'Not enabled on any switch.');
}

async function loadClasses(extension) {
  const found = await Promise.all((extension.Features || []).map((name) =>
    getClass(name).catch(() => null)));

  return found.filter((cls) => cls && !isAbstract(cls)).sort((a, b) =>
    Number(isSetting(b)) - Number(isSetting(a))
    || Number(isOfPort(b)) - Number(isOfPort(a)));
}

export function extensionView(name) {
  const extension = extensionOf(name);
  const state = stateOf('');
  const cards = el('div', { class: 'cards' });
  let shown = [];
  let looked = 0;

  if (!extension) {
    return { title: name, node: el('div', { class: 'view' },
      el('h1', {}, name), el('p', {}, 'There is no such extension.  ',
        el('a', { href: '#/' }, 'Overview'))), update() {} };
  }
  loadClasses(extension).then((classes) => {
    shown = classes.map(classCard);
    cards.replaceChildren(...shown.map((card) => card.node));
    if (!shown.length) {
      cards.append(el('p', { class: 'none' },
        'No schema of it is registered, or it has none.'));
    }
    shown.forEach((card) => card.reload());
  });
  return { title: name, node: el('div', { class: 'view' },
    el('div', { class: 'view-head' }, el('h1', {}, name), state),
    switchLinks(extension), section('About', null, facts(extension)), cards),
  update() {
    const found = extensionOf(name);

    drawState(state, found ? found.State : 'absent');
    if (Date.now() - looked >= SLOWLY) {
      looked = Date.now();
      shown.forEach((card) => card.reload());
    }
  } };
}

export function extensionsView() {
  const table = new Table({ caption: 'Extensions', key: (row) => row.Name,
    words: (row) => [row.Name, row.ExtensionClass, row.Vendor].join(' '),
    empty: 'None is installed.  xvsctl ext install FILE installs one.',
    columns: [{ title: 'Extension', text: (row) => row.Name,
      draw: keep(() => el('a', {}), (node, row) => {
        setText(node, row.Name);
        node.setAttribute('href', hash('extension', row.Name));
      }) },
    { title: 'State', text: (row) => row.State, draw: keep((row) =>
      stateOf(row.State), (node, row) => drawState(node, row.State)) },
    { title: 'Class', text: (row) => row.ExtensionClass },
    { title: 'On failure', text: (row) => row.OnFailure },
    { title: 'Version', text: (row) => row.Version || '' },
    { title: 'Vendor', text: (row) => row.Vendor || '' },
    { title: 'Enabled on', text: (row) => (row.Switches || []).join(', ')
      || '\u2013' },
    { title: 'Classes', number: true, sort: (row) =>
      (row.Features || []).length, draw: (cell, row) => setText(cell,
      (row.Features || []).length) }] });
  const count = el('p', { class: 'lead' });

  return { title: 'Extensions', node: el('div', { class: 'view' },
    el('h1', {}, 'Extensions'), count, section('Installed', null,
      table.node)),
  update() {
    setText(count, `${plural(model.extensions.length, 'extension')} on this `
      + 'host.');
    table.update(model.extensions);
  } };
}
