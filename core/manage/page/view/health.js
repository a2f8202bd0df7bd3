// SPDX-License-Identifier: BSD-3-Clause
//
// Is everything well?  What is not, in sentences for the person who acts, the
// worst first.

import { hash } from '../lib/dom.js';
import { plural } from '../lib/format.js';
import { model } from '../lib/model.js';

const NAMED = 5;        // ports named before they are only counted

function hostTroubles() {
  return model.host.SwitchState === 'running' ? [] : [{ kind: 'bad',
    text: 'xvs-switch is away: no packets are carried.  The configuration '
      + 'is kept, and restored when it is back.', where: '#/events' }];
}

function stageTroubles() {
  return model.stages.flatMap((stage) => {
    const name = `${stage.ExtensionName} on ${stage.SwitchName}`;
    const where = hash('switch', stage.SwitchName);

    if (stage.State === 'failed') {
      return { kind: 'bad', where, text: `${name} has failed`
        + `${stage.LastFailure ? `: ${stage.LastFailure}` : ''}.  It is `
        + 'tried again, less and less often.' };
    }
    if (stage.State === 'stuck') {
      return { kind: 'bad', where,
        text: `${name} does not answer; packets go on through it.` };
    }
    if ((stage.Away || '').toLowerCase() === 'true') {
      return { kind: 'warn', where, text: `${name} has no process that takes `
        + `packets; ${stage.Partner || 'its partner'} gets them.` };
    }
    if (stage.State === 'running' && stage.StandbyState === 'absent') {
      return { kind: 'warn', where, text: `${name} has no standby`
        + `${stage.LastFailure ? `: ${stage.LastFailure}` : ''}.  It is `
        + 'tried again, less and less often.' };
    }
    return stage.State === 'running' || model.host.SwitchState !== 'running'
      ? [] : { kind: 'bad', where, text: `${name} is ${stage.State}.` };
  });
}

// A port that is down waits for its guest: that is the guest's affair.
function portTroubles() {
  const bad = model.host.SwitchState !== 'running' ? []
    : model.ports.filter((port) => !['up', 'down'].includes(port.State));
  const named = bad.slice(0, NAMED).map((port) => ({ kind: 'bad',
    where: hash('switch', port.SwitchName),
    text: `Port ${port.SwitchName}/${port.Name} is ${port.State}`
      + `${port.StateText ? `: ${port.StateText}` : ''}.` }));

  return bad.length > NAMED ? [...named, { kind: 'bad',
    where: hash('switch', bad[NAMED].SwitchName),
    text: `${plural(bad.length - NAMED, 'more port')} gone or absent.` }] : named;
}

function extensionTroubles() {
  return model.extensions.filter((e) => e.State !== 'installed').map((e) => ({
    kind: 'bad', where: hash('extension', e.Name),
    text: `Extension ${e.Name}: ${e.State === 'missing'
      ? `its file ${e.File} is gone` : e.State}.` }));
}

function settingTroubles() {
  const counts = new Map();

  for (const { class: name, values } of model.unsettled) {
    const key = `${values.SettingState}\n${name}`;

    counts.set(key, (counts.get(key) || 0) + 1);
  }
  return [...counts].map(([key, n]) => {
    const [state, name] = key.split('\n');

    return { kind: state === 'refused' ? 'bad' : 'warn', where: '#/events',
      text: `${plural(n, 'setting')} of ${name} ${n === 1 ? 'is' : 'are'} `
        + `${state}${state === 'parked' ? ': the extension is not enabled'
          : ''}.` };
  });
}

// [{ kind: "bad" or "warn", text, where }]
export function troubles() {
  const all = [hostTroubles, extensionTroubles, stageTroubles, portTroubles,
    settingTroubles].flatMap((find) => find());

  return [...all.filter((t) => t.kind === 'bad'),
    ...all.filter((t) => t.kind === 'warn')];
}
