// SPDX-License-Identifier: BSD-3-Clause
//
// Making elements.  Names come from vendors, guests and files: data becomes
// text nodes and attribute values here, and markup nowhere.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (typeof value === 'function') {
      node.addEventListener(name, value);
    } else {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.flat().filter((c) => c !== null
    && c !== undefined && c !== false));
  return node;
}

// An element; a function among the attributes is a listener, strings among
// the children are text.
export function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// Changes a text only when it is another one, so that selections and
// screen readers are left in peace.
export function setText(node, text) {
  const wanted = String(text);

  if (node.textContent !== wanted) {
    node.textContent = wanted;
  }
}

export function setClass(node, name) {
  if (node.getAttribute('class') !== name) {
    node.setAttribute('class', name);
  }
}

export const byId = (id) => document.getElementById(id);

// Tells people who do not see the page.
export function say(text) {
  setText(byId('said'), text);
}

// A state as a shape and a word: colour is never the only sign.
const MARKS = {
  good: '\u25cf', warn: '\u25b2', bad: '\u2716', off: '\u25cb',
};

export function stateKind(state) {
  switch (state) {
  case 'running': case 'up': case 'installed': case 'in-force':
    return 'good';
  case 'stuck': case 'down': case 'parked': case 'away': case 'warning':
  case 'expired':
    return 'warn';
  case 'failed': case 'missing': case 'gone': case 'refused': case 'error':
    return 'bad';
  case 'absent':
    return 'bad';
  default:
    return 'off';
  }
}

export function drawState(node, state, kind = stateKind(state)) {
  setClass(node, `state ${kind}`);
  setText(node, `${MARKS[kind]} ${state || 'unknown'}`);
  return node;
}

export function stateOf(state, kind) {
  return drawState(el('span'), state, kind);
}

export const markOf = (kind) => MARKS[kind];

// A link within the page.
export const hash = (...parts) => `#/${parts.map(encodeURIComponent)
  .join('/')}`;
