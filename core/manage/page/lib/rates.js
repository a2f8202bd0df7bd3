// SPDX-License-Identifier: BSD-3-Clause
//
// From counters to rates.  A counter that goes back began anew (the daemon
// was restarted): that step has no rate.

const KEPT = 60;

export class Rates {
  constructor() {
    this.known = new Map();
    this.round = 0;
  }

  // Takes counters (texts by name) of 'key' at a time in milliseconds.
  feed(key, counters, now) {
    const before = this.known.get(key);
    const entry = { now, counters, rate: {}, history: before
      ? before.history : {}, round: this.round };

    for (const [name, text] of Object.entries(counters)) {
      entry.rate[name] = before && before.now < now
        ? step(before.counters[name], text, now - before.now) : null;
      this.keep(entry.history, name, entry.rate[name]);
    }
    this.known.set(key, entry);
  }

  keep(history, name, rate) {
    const list = history[name] || (history[name] = []);

    if (rate !== null) {
      list.push(rate);
      if (list.length > KEPT) {
        list.shift();
      }
    }
  }

  rate(key, name) {
    const entry = this.known.get(key);

    return entry && entry.rate[name] !== undefined ? entry.rate[name] : null;
  }

  history(key, name) {
    const entry = this.known.get(key);

    return entry && entry.history[name] ? entry.history[name] : [];
  }

  // Forgets what was not fed since the last call.
  sweep() {
    for (const [key, entry] of this.known) {
      if (entry.round !== this.round) {
        this.known.delete(key);
      }
    }
    this.round++;
  }
}

function step(before, after, milliseconds) {
  if (before === null || before === undefined || after === null
      || after === undefined) {
    return null;
  }
  const difference = Number(BigInt(after) - BigInt(before));

  return difference < 0 ? null : difference * 1000 / milliseconds;
}
