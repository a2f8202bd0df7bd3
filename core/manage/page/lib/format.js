// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers and times for people.

import { objectOf } from './cim.js';

const SCALES = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

// 12345678 -> "12.3 M"; whole numbers below 1,000.
export function short(number, unit = '') {
  if (number === null || number === undefined || Number.isNaN(number)) {
    return '\u2013';
  }
  for (const [scale, letter] of SCALES) {
    if (number >= scale * 0.9995) {
      const part = number / scale;

      return `${part.toFixed(part < 9.995 ? 2 : part < 99.95 ? 1 : 0)}`
        + `\u2009${letter}${unit}`;
    }
  }
  return `${number < 9.95 && number % 1 ? number.toFixed(1)
    : Math.round(number)}${unit ? `\u2009${unit}` : ''}`;
}

// Exact, with thin spaces: "12 345 678".
export function exact(text) {
  return text === null || text === undefined ? '\u2013'
    : String(text).replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');
}

// Nanoseconds: "2.72 \u00b5s".
export const time = (nanoseconds) => nanoseconds < 9999.5
  ? `${exact(Math.round(nanoseconds))}\u2009ns`
  : `${short(nanoseconds / 1000)}\u2009\u00b5s`;

export const bits = (bytes) => bytes === null ? '\u2013'
  : short(bytes * 8, 'b/s');

// CIM's "20261130101500.123456+000" -> a Date, or null.
export function toDate(text) {
  const m = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{3})\d{3}([+-]\d{3})$/
    .exec(text || '');

  if (!m) {
    return null;
  }
  const [year, month, day, hour, minute, second, milli] =
    m.slice(1, 8).map(Number);

  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, milli)
    - Number(m[8]) * 60000);
}

const two = (n) => String(n).padStart(2, '0');

export function clock(text) {
  const date = toDate(text);

  if (!date) {
    return text || '';
  }
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-`
    + `${two(date.getDate())} ${two(date.getHours())}:`
    + `${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one
  : many}`;

// A property's name as words: "RxPackets" -> "Rx packets".
export function words(name) {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2');

  return spaced[0] + spaced.slice(1).replace(/ ([A-Z])(?=[a-z])/g,
    (m, letter) => ` ${letter.toLowerCase()}`);
}

// An object that another holds: what is set in it.
function objectWords({ embedded }, text) {
  const { values } = objectOf(text);

  return embedded.properties.filter((p) => values[p.name] ?? false)
    .map((p) => `${words(p.name)} ${valueText(p, values[p.name])}`)
    .join(', ');
}

// A value by its property's ValueMap and Values, if it has them.
export function valueText(property, content) {
  if (content === null || content === undefined) {
    return '';
  }
  if (Array.isArray(content)) {
    return content.map((item) => valueText(property, item))
      .join(property.embedded ? '; ' : ', ');
  }
  if (property.embedded) {
    return objectWords(property, content);
  }
  const { valuemap: map, values } = property.qualifiers;
  const at = map && values ? map.indexOf(content) : -1;

  if (property.type === 'datetime') {
    return clock(content);
  }
  if (property.type === 'boolean') {
    return content.toLowerCase() === 'true' ? 'yes' : 'no';
  }
  return at >= 0 && values[at] ? values[at] : content;
}
