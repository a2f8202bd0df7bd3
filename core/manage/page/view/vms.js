// SPDX-License-Identifier: BSD-3-Clause
//
// VMs that have no network, and how they are reached: what the extension with
// XVS_ChannelVmStatus says of its work.  Its other classes of status are shown
// as the schema describes them.

import { el, setText, hash } from '../lib/dom.js';
import { getClass } from '../lib/cim.js';
import { exact, plural, words } from '../lib/format.js';
import { Table, keep } from '../lib/table.js';
import { spark, drawSpark } from '../lib/spark.js';
import { act, section } from '../lib/parts.js';
import { Status, allColumns, openStatus, rateColumn, stateColumn,
  statusColumn, statusFigures } from '../lib/status.js';
import { extensionsOfClass } from './extension.js';
import { addSetting, isSetting, titleOf } from './changes.js';

const OF_VM = 'XVS_ChannelVmStatus';
const VM = 'XVS_ChannelVm';

// Whether there is something to look at.
export const hasVms = () => extensionsOfClass(OF_VM).length > 0;

// ---- The table of VMs ------------------------------------------------------

function refusedColumn(status) {
  const kinds = status.counters.map((property) => property.name)
    .filter((name) => name.includes('Refused'));
  const sum = (row) => kinds.reduce((n, name) => n + Number(row[name] || 0),
    0);

  return { title: 'Refused', number: true, sort: sum,
    hint: 'Clients of it, and streams that it wanted to open',
    draw: (cell, row) => {
      setText(cell, exact(sum(row)));
      cell.title = kinds.filter((name) => Number(row[name])).map((name) =>
        `${words(name)}: ${exact(row[name])}`).join('; ');
    } };
}

function nameColumn(status) {
  const open = (row) => openStatus(`VM ${row.Vm}`, status, status.key(row));

  return { title: 'VM', text: (row) => row.Vm, draw: (cell, row) => {
    cell.row = row;
    if (!cell.firstElementChild) {
      cell.append(el('button', { type: 'button', class: 'link',
        click: () => open(cell.row) }));
    }
    setText(cell.firstElementChild, row.Vm);
  } };
}

function vmTable(status) {
  return new Table({ caption: 'VMs', key: (row) => status.key(row),
    words: (row) => [row.Vm, row.Host, row.Uuid, row.Link, row.Reason]
      .join(' '),
    empty: 'No VM is registered.',
    columns: [nameColumn(status), stateColumn(status, 'State', 'Reason'),
      statusColumn(status, 'Host'),
      statusColumn(status, 'Link', { title: 'Channel' }),
      statusColumn(status, 'Streams', { title: 'Conversations' }),
      statusColumn(status, 'BytesUp', { title: 'To it' }),
      statusColumn(status, 'BytesDown', { title: 'From it' }),
      rateColumn(status, ['BytesUp', 'BytesDown'], 'Now'),
      { title: 'Last minute', hint: 'From it', draw: keep(spark,
        (node, row) => drawSpark(node,
          status.rates.history(status.key(row), 'BytesDown'))) },
      refusedColumn(status),
      statusColumn(status, 'DialLatency', { title: 'Answers in' })] });
}

// ---- Cards -----------------------------------------------------------------

const isMany = (cls) => cls.properties.some((property) =>
  (property.qualifiers.metriclabel || '').toLowerCase() === 'true');

// A card for a class of status: { status, node, update() }.
function card(cls, buttons) {
  const said = el('p', { class: 'refusal', role: 'alert', hidden: true });
  const made = { status: new Status(cls, () => made.update()) };
  const { status } = made;
  const inside = cls.name === OF_VM ? vmTable(status)
    : isMany(cls) ? new Table({ caption: titleOf(cls),
      key: (row) => status.key(row), empty: 'None.',
      words: (row) => Object.values(row).join(' '),
      columns: allColumns(status) })
      : statusFigures(status);

  made.node = section(cls.name === OF_VM ? 'VMs' : titleOf(cls), buttons,
    said, inside.node);
  made.update = () => {
    said.hidden = !status.failure;
    setText(said, status.failure ? status.failure.message : '');
    inside.update(status.rows);
  };
  return made;
}

// The VMs first, then what is of all, then the rest.
const rank = (cls) => cls.name === OF_VM ? 0 : isMany(cls) ? 2 : 1;

async function cardsOf(extension) {
  const found = (await Promise.all((extension.Features || []).map((name) =>
    getClass(name).catch(() => null)))).filter(Boolean);
  const vm = found.find((cls) => cls.name === VM);
  const register = vm && act('Register a VM', () => addSetting(vm, null,
    () => {}), { 'data-add': VM });

  return found.filter((cls) => !isSetting(cls)
    && cls.properties.some((property) => property.isCounter))
    .sort((a, b) => rank(a) - rank(b))
    .map((cls) => card(cls, cls.name === OF_VM ? register : null));
}

// ---- The view --------------------------------------------------------------

export function vmsView() {
  const [extension] = extensionsOfClass(OF_VM);
  const cards = el('div', { class: 'cards' });
  const count = el('span');
  let shown = [];

  if (!extension) {
    return { title: 'VMs', node: el('div', { class: 'view' },
      el('h1', {}, 'VMs'), el('p', {}, 'No extension of this host reaches '
        + 'VMs; xvs-channel(7) says how to set one up.')), update() {} };
  }
  cardsOf(extension).then((made) => {
    shown = made;
    cards.replaceChildren(...shown.map(({ node }) => node));
    shown.forEach(({ status }) => status.look());
  });
  return { title: 'VMs', node: el('div', { class: 'view' },
    el('h1', {}, 'VMs'), el('p', { class: 'lead' }, count,
      el('a', { href: hash('extension', extension.Name) }, extension.Name),
      '; clients and rules are among its settings.'), cards),
  update() {
    const enabled = (extensionsOfClass(OF_VM)[0]?.Switches || []).length;
    const vms = shown.find(({ status }) => status.cls.name === OF_VM);

    setText(count, `${plural(vms ? vms.status.rows.length : 0, 'VM')}, `
      + `${enabled ? 'reached' : 'not reached while it is not enabled'} by `);
    shown.forEach(({ status }) => status.look());
  } };
}
