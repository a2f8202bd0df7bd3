// SPDX-License-Identifier: BSD-3-Clause
//
// The page: who asks, which view is shown, and how fresh it is.

import { el, setText, setClass, byId, hash, say } from './lib/dom.js';
import { role, setToken } from './lib/cim.js';
import { model, begin, watch, isAdmin } from './lib/model.js';
import { overview } from './view/overview.js';
import { switchView } from './view/switch.js';
import { extensionView, extensionsView } from './view/extension.js';
import { events } from './view/events.js';
import { vmsView, hasVms } from './view/vms.js';

const THEMES = ['auto', 'light', 'dark'];
let view = null;
let where = null;

// ---- The token of xvsctl web -----------------------------------------------

// It comes behind the '#', which no server and no other page gets to see, is
// kept for this tab, and taken out of the address at once.
function takeToken() {
  const found = /^#token=([0-9A-Za-z_-]+)$/.exec(window.location.hash);

  if (found) {
    sessionStorage.setItem('xvs-token', found[1]);
    history.replaceState(null, '', '/#/');
  }
  setToken(sessionStorage.getItem('xvs-token'));
}

// ---- Dark and light --------------------------------------------------------

function showTheme(theme) {
  const button = byId('theme');

  document.documentElement.dataset.theme = theme;
  setText(button, { auto: '\u25d0 Auto', light: '\u2600 Light',
    dark: '\u263e Dark' }[theme]);
  button.setAttribute('aria-label', `Colours: ${theme}`);
}

function beginTheme() {
  let theme = localStorage.getItem('xvs-theme');

  theme = THEMES.includes(theme) ? theme : 'auto';
  showTheme(theme);
  byId('theme').addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem('xvs-theme', theme);
    showTheme(theme);
  });
}

// ---- Views -----------------------------------------------------------------

const parts = () => window.location.hash.replace(/^#\/?/, '').split('/')
  .map((part) => {
    try {
      return decodeURIComponent(part);
    } catch (error) {
      return part;
    }
  });

function make([kind, name]) {
  if (kind === 'switch' && name) {
    return switchView(name);
  }
  if (kind === 'extension' && name) {
    return extensionView(name);
  }
  return kind === 'extensions' ? extensionsView()
    : kind === 'vms' ? vmsView() : kind === 'events' ? events() : overview();
}

function show() {
  if (!model.ready) {
    return;
  }
  if (where !== window.location.hash) {
    const first = where === null;

    where = window.location.hash;
    view = make(parts());
    byId('view').replaceChildren(view.node);
    document.title = `${view.title} \u2013 xvs`;
    window.scrollTo(0, 0);
    if (!first) {
      byId('main').focus({ preventScroll: true });
      say(view.title);
    }
  }
  view.update();
  drawNav();
}

let navShape = null;

function navLink(text, address) {
  return el('a', { href: address, 'aria-current':
    (where || '#/') === address ? 'page' : null }, text);
}

function drawNav() {
  const shape = JSON.stringify([where, hasVms(), model.switches.map((s) => s.Name),
    model.extensions.map((e) => e.Name)]);

  if (shape === navShape) {
    return;
  }
  const focused = byId('nav').contains(document.activeElement)
    ? document.activeElement.getAttribute('href') : null;

  navShape = shape;
  byId('nav').replaceChildren(
    navLink('Overview', '#/'), navLink('Events', '#/events'),
    ...(hasVms() ? [navLink('VMs', '#/vms')] : []),
    el('h2', {}, 'Switches'),
    ...model.switches.map((s) => navLink(s.Name, hash('switch', s.Name))),
    el('h2', {}, el('a', { href: '#/extensions' }, 'Extensions')),
    ...model.extensions.map((e) => navLink(e.Name,
      hash('extension', e.Name))));
  if (focused) {
    [...byId('nav').querySelectorAll('a')].find((link) =>
      link.getAttribute('href') === focused)?.focus();
  }
}

// ---- Freshness -------------------------------------------------------------

function drawPulse() {
  const age = Math.round((Date.now() - model.looked) / 1000);
  const stale = Boolean(model.failure);

  setClass(byId('pulse'), stale ? 'pulse stale' : 'pulse');
  setText(byId('pulse'), !model.looked ? '' : stale
    ? `\u25b2 ${age} s old` : '\u25cf live');
}

function drawFailure() {
  const box = byId('trouble');
  const { failure } = model;

  box.hidden = !failure;
  if (failure) {
    setText(box, `xvsd does not answer as it should: ${failure.message} `
      + 'Trying again.');
  }
  document.body.classList.toggle('stale', Boolean(failure));
}

function update() {
  drawFailure();
  drawPulse();
  if (model.ready) {
    setText(byId('host'), `${model.host.Name} \u00b7 xvs `
      + `${model.host.Version}`);
    setText(byId('role'), isAdmin() ? 'admin' : 'reader (read only)');
    show();
  }
}

async function ask() {
  try {
    model.role = await role();
  } catch (error) {
    model.failure = error;
    update();
    setTimeout(ask, 3000);
    return;
  }
  watch(update);
  setInterval(drawPulse, 1000);
  begin();
}

takeToken();
beginTheme();
window.addEventListener('hashchange', () => {
  if (window.location.hash.startsWith('#token=')) {
    takeToken();
  }
  show();
});
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('main').focus();
});
ask();
