// SPDX-License-Identifier: BSD-3-Clause
//
// What is known of the host: read again each second while somebody looks,
// and kept here for all views.  A slow server or a thousand ports make the
// pauses longer, never the load higher.

import { enumerate, query, openEvents, pullEvents, closeEvents }
  from './cim.js';
import { Rates } from './rates.js';

const PAUSE = 1000;         // milliseconds between two looks
const PAUSE_MOST = 10000;
const SHARE = 4;            // of the time is ours at most one part in five
const SLOW_EVERY = 5;       // looks; for what changes seldom
const EVENTS_KEPT = 1000;

const PORT = ['SwitchName', 'Name', 'State', 'StateText', 'Driver', 'Device',
  'EntryStage', 'Enabled', 'MacAddress', 'RxPackets', 'RxBytes', 'RxDropped',
  'TxPackets', 'TxBytes', 'TxDropped', 'Filtered', 'DroppedNoEntry',
  'DroppedNoBuffer'];
const PORT_COUNTERS = PORT.slice(PORT.indexOf('RxPackets'));
const STAGE_COUNTERS = ['Packets', 'Bytes', 'Drops', 'HookTime', 'Lost',
  'Diverted', 'OverTime', 'Replayed'];

export const model = {
  ready: false, failure: null, role: 'reader', host: null,
  switches: [], extensions: [], stages: [], ports: [], unsettled: [],
  events: [], rates: new Rates(), looked: 0,
};

export const isAdmin = () => model.role === 'admin';
export const portKey = (port) => `port ${port.SwitchName}/${port.Name}`;
export const stageKey = (stage) =>
  `stage ${stage.SwitchName}/${stage.ExtensionName}`;
export const portsOf = (name) => model.ports.filter((port) =>
  port.SwitchName === name);
export const stagesOf = (name) => model.stages.filter((stage) =>
  stage.SwitchName === name);
export const extensionOf = (name) => model.extensions.find((extension) =>
  extension.Name === name);

const listeners = new Set();
const valuesOf = (instances) => instances.map((found) => found.values);
let timer = null;
let looks = 0;
let failures = 0;
let again = false;       // something changed while we looked

// Called after each look; returns a function that ends it.
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell() {
  for (const listener of listeners) {
    listener();
  }
}

function pick(object, names) {
  return Object.fromEntries(names.map((name) => [name, object[name]]));
}

function count(now) {
  for (const port of model.ports) {
    model.rates.feed(portKey(port), pick(port, PORT_COUNTERS), now);
  }
  for (const stage of model.stages) {
    model.rates.feed(stageKey(stage), pick(stage, STAGE_COUNTERS), now);
  }
  for (const found of model.switches) {
    model.rates.feed(`switch ${found.Name}`, sum(portsOf(found.Name)), now);
  }
  model.rates.sweep();
}

function sum(ports) {
  const total = {};

  for (const name of PORT_COUNTERS) {
    total[name] = String(ports.reduce((all, port) =>
      all + BigInt(port[name] || 0), 0n));
  }
  return total;
}

async function look() {
  const slow = looks++ % SLOW_EVERY === 0;
  const [host, switches, stages, ports] = await Promise.all([
    enumerate('XVS_Host'), enumerate('XVS_Switch'), enumerate('XVS_Stage'),
    enumerate('XVS_Port', PORT)]);

  model.host = host[0].values;
  model.switches = valuesOf(switches);
  model.stages = valuesOf(stages);
  model.ports = valuesOf(ports);
  count(performance.now());
  if (slow) {
    await lookSlowly();
  }
}

async function lookSlowly() {
  const [extensions, unsettled] = await Promise.all([
    enumerate('XVS_Extension'),
    query('SELECT * FROM XVS_FeatureSettings '
      + "WHERE SettingState <> 'in-force'")]);

  model.extensions = valuesOf(extensions);
  model.unsettled = unsettled;
}

async function turn() {
  const began = performance.now();
  let pause = PAUSE;

  timer = 'now';
  try {
    await look();
    model.ready = true;
    model.failure = null;
    model.looked = Date.now();
    failures = 0;
    pause = Math.max(PAUSE, (performance.now() - began) * SHARE);
  } catch (error) {
    model.failure = error;
    pause = PAUSE * 2 ** Math.min(failures++, 4);
  }
  timer = document.hidden ? null
    : setTimeout(turn, again ? 0 : Math.min(pause, PAUSE_MOST));
  again = false;
  tell();
}

// Looks at once, after a change.
export function refresh() {
  looks = 0;
  if (timer === 'now') {
    again = true;
  } else {
    clearTimeout(timer);
    turn();
  }
}

// ---- Events ----------------------------------------------------------------

let following = false;
let context = null;

const lastEvent = () => model.events.length
  ? model.events[model.events.length - 1].Sequence : '0';

function takeEvents(found) {
  if (!found.length) {
    return;
  }
  const last = BigInt(lastEvent());

  model.events.push(...valuesOf(found).filter((event) =>
    BigInt(event.Sequence) > last));
  model.events.splice(0, model.events.length - EVENTS_KEPT);
  looks = 0;
  tell();
}

// Follows what happens for as long as somebody looks.
async function follow() {
  following = true;
  while (!document.hidden) {
    try {
      context = context || await openEvents(lastEvent());
      const piece = await pullEvents(context);

      context = piece.context;
      takeEvents(piece.events);
    } catch (error) {
      context = null;
      await new Promise((resolve) => { setTimeout(resolve, 2000); });
    }
  }
  following = false;
  if (context) {
    closeEvents(context).catch(() => {});
    context = null;
  }
}

function wake() {
  if (document.hidden) {
    return;
  }
  if (timer === null) {
    turn();
  }
  if (!following) {
    follow();
  }
}

export function begin() {
  document.addEventListener('visibilitychange', wake);
  wake();
}
