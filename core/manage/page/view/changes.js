// SPDX-License-Identifier: BSD-3-Clause
//
// What an admin may change, each by a form of its class or a question.

import { create, modify, remove, invoke, getClass, getInstance }
  from '../lib/cim.js';
import { openForm, openDialog, confirm } from '../lib/form.js';
import { valueText, words } from '../lib/format.js';
import { definition } from '../lib/parts.js';
import { model, refresh, portsOf, stagesOf } from '../lib/model.js';

const text = (name, value) => ({ name, type: 'string', isArray: false,
  value });

async function then(promise) {
  const result = await promise;

  refresh();
  return result;
}

const choicesOf = (names) => names.map((value) => ({ value, text: value }));

// ---- Settings --------------------------------------------------------------

export const isSetting = (cls) => cls.properties.some((property) =>
  property.name === 'SettingState');
export const isOfPort = (cls) => cls.properties.some((property) =>
  property.name === 'PortName');
export const isAbstract = (cls) =>
  (cls.qualifiers.abstract || '').toLowerCase() === 'true';
export const titleOf = (cls) => cls.qualifiers.displayname || cls.name;

function placeField(cls, place) {
  return { name: 'Place', type: 'string', isArray: false, isRequired: true,
    always: true, isKey: false, otherwise: place, qualifiers: {
      description: isOfPort(cls) ? 'The port that it is for, as switch/port.'
        : 'The switch that it is for.' } };
}

function placesOf(cls, onSwitch) {
  const switches = model.switches.filter((found) => !onSwitch
    || found.Name === onSwitch);

  return choicesOf(isOfPort(cls)
    ? switches.flatMap((found) => portsOf(found.Name).map((port) =>
      `${found.Name}/${port.Name}`))
    : switches.map((found) => found.Name));
}

// A name has no slash.
function placed(properties) {
  const { value } = properties.find((p) => p.name === 'Place');
  const [onSwitch, port] = value.split('/');

  return [text('SwitchName', onSwitch),
    ...(port === undefined ? [] : [text('PortName', port)]),
    ...properties.filter((p) => p.name !== 'Place')];
}

export async function addSetting(cls, place = null, done = () => {}) {
  const places = placesOf(cls, null);

  openForm({ title: `Add: ${titleOf(cls)}`, cls,
    about: cls.qualifiers.description,
    extra: [placeField(cls, place || (places.length === 1
      ? places[0].value : null))],
    suggest: { Place: places }, done: 'Setting added.',
    save: async (properties) => {
      await then(create(cls.name, placed(properties)));
      done();
    } });
}

export function changeSetting(cls, setting, done = () => {}) {
  openForm({ title: `Change: ${titleOf(cls)}`, cls,
    about: cls.qualifiers.description, values: setting,
    done: 'Setting changed.',
    save: async (properties) => {
      await then(modify(cls.name, { InstanceID: setting.InstanceID },
        properties));
      done();
    } });
}

export function removeSetting(cls, setting, done = () => {}) {
  const place = setting.PortName ? `${setting.SwitchName}/${setting.PortName}`
    : setting.SwitchName;

  confirm('Remove the setting?', `${titleOf(cls)} of ${place}: `
    + 'its extension forgets it at once.', 'Remove', async () => {
    await then(remove(cls.name, { InstanceID: setting.InstanceID }));
    done();
  }, 'Setting removed.');
}

// ---- Methods ---------------------------------------------------------------

// Those that a form can call: embedded objects have no field.
export const methodsOf = (cls) => cls.methods.filter((method) =>
  method.parameters.every((parameter) => !parameter.isObject
    || (!parameter.isIn && parameter.isOut)));

function answerDialog(title, method, answer) {
  const named = method.parameters.filter((p) => p.isOut && !p.isObject)
    .map((p) => [words(p.name), valueText(p, answer[p.name] ?? null)]);
  const own = { type: method.type, isArray: false,
    qualifiers: method.qualifiers };

  openDialog(title, definition([['Result', valueText(own, answer[''] ?? null)],
    ...named]));
}

// Fills in what goes in, calls, and shows what came out.
export function callMethod(cls, keys, place, method, done = () => {}) {
  const title = `${words(method.name)}: ${place}`;
  let answer = null;
  const dialog = openForm({ title, verb: 'Call', keepFilled: true,
    cls: { ...cls, properties: method.parameters.filter((p) => p.isIn) },
    about: method.qualifiers.description, done: 'Called.',
    save: async (parameters) => {
      answer = await then(invoke(cls.name, keys, method.name, parameters));
      done();
    } });

  dialog.addEventListener('close', () => answer
    && answerDialog(title, method, answer));
}

// ---- Switches and ports ----------------------------------------------------

export async function addSwitch() {
  openForm({ title: 'Add a switch', cls: await getClass('XVS_Switch'),
    keepFilled: true, omit: ['Caption', 'Description', 'ElementName'],
    done: 'Switch added.',
    save: (properties) => then(create('XVS_Switch', properties)) });
}

export function removeSwitch(name) {
  confirm(`Remove the switch ${name}?`, 'Its stages and settings go with it.  '
    + 'It must have no ports any more.', 'Remove', async () => {
    await then(remove('XVS_Switch', { Name: name }));
    window.location.hash = '#/';
  }, 'Switch removed.');
}

const entries = (onSwitch) => [...choicesOf(stagesOf(onSwitch).map((stage) =>
  stage.ExtensionName)), { value: 'network',
  text: 'network (class forward only)' }];

export async function addPort(onSwitch) {
  openForm({ title: `Add a port to ${onSwitch}`,
    cls: await getClass('XVS_Port'),
    fixed: [text('SwitchName', onSwitch)],
    suggest: { EntryStage: entries(onSwitch) }, done: 'Port added.',
    save: (properties) => then(create('XVS_Port', properties)) });
}

export async function changePort(port) {
  const keys = { SwitchName: port.SwitchName, Name: port.Name };

  openForm({ title: `Change the port ${port.SwitchName}/${port.Name}`,
    cls: await getClass('XVS_Port'),
    values: (await getInstance('XVS_Port', keys)).values,
    suggest: { EntryStage: entries(port.SwitchName) }, done: 'Port changed.',
    save: (properties) => then(modify('XVS_Port', keys, properties)) });
}

export function removePort(port) {
  confirm(`Remove the port ${port.SwitchName}/${port.Name}?`,
    'Its guest loses its link, and the settings of the port go with it.',
    'Remove', () => then(remove('XVS_Port',
      { SwitchName: port.SwitchName, Name: port.Name })), 'Port removed.');
}

// ---- Stages ----------------------------------------------------------------

const partners = (onSwitch, not) => choicesOf(stagesOf(onSwitch)
  .map((stage) => stage.ExtensionName).filter((name) => name !== not));

export async function enableExtension(onSwitch) {
  const there = new Set(stagesOf(onSwitch).map((s) => s.ExtensionName));
  const cls = await getClass('XVS_Stage');

  openForm({ title: `Enable an extension on ${onSwitch}`, cls,
    keepFilled: true, omit: ['SwitchName', 'Caption', 'Description',
      'ElementName'],
    fixed: [text('SwitchName', onSwitch)], done: 'Extension enabled.',
    suggest: { ExtensionName: choicesOf(model.extensions.map((e) => e.Name)
      .filter((name) => !there.has(name))),
    Partner: partners(onSwitch, null) },
    save: (properties) => then(create('XVS_Stage', properties)) });
}

export async function changeStage(stage) {
  openForm({ title: `Change ${stage.ExtensionName} on ${stage.SwitchName}`,
    cls: await getClass('XVS_Stage'), values: stage, done: 'Stage changed.',
    suggest: { Partner: partners(stage.SwitchName, stage.ExtensionName) },
    save: (properties) => then(modify('XVS_Stage',
      { SwitchName: stage.SwitchName, ExtensionName: stage.ExtensionName },
      properties)) });
}

export function disableStage(stage) {
  confirm(`Disable ${stage.ExtensionName} on ${stage.SwitchName}?`,
    'Packets no longer pass it.  Its settings are kept, parked.', 'Disable',
    () => then(remove('XVS_Stage', { SwitchName: stage.SwitchName,
      ExtensionName: stage.ExtensionName })), 'Extension disabled.');
}
