import type { Detector, Found } from './detector.ts';

/** Every number we look for has this many digits within so many characters … */
const digits = 5;
const within = 16;
/** … and does not reach further than this before and behind them. */
const before = 48;
const behind = 56;

interface Zone {
  start: number;
  end: number;
}

/**
 * Lets detectors of numbers look only at the parts of a text where there are digits enough, since most texts have few and
 * there are many kinds of numbers.
 */
export function inNumberZones(detect: Detector): Detector {
  return text => {
    const zones = numberZones(text);
    if (zones.length === 1 && zones[0]!.start === 0 && zones[0]!.end === text.length) return detect(text);
    const all: Found[] = [];
    for (const { start, end } of zones) {
      for (const found of detect(text.slice(start, end))) {
        all.push({ start: start + found.start, end: start + found.end, value: found.value });
      }
    }
    return all;
  };
}

/** One detector after the other asks about the same text. */
let asked: { text: string; zones: Zone[] } = { text: '', zones: [] };

function numberZones(text: string): Zone[] {
  if (asked.text !== text) asked = { text, zones: zonesOf(text) };
  return asked.zones;
}

function zonesOf(text: string): Zone[] {
  const zones: Zone[] = [];
  const places = new Int32Array(digits).fill(-within - 1);
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) continue;
    // The ring holds the last five digits; the one written over is the fifth last.
    places[count++ % digits] = at;
    const first = places[count % digits]!;
    if (count < digits || at - first > within) continue;
    const start = Math.max(0, first - before);
    const end = Math.min(text.length, at + behind);
    const last = zones.at(-1);
    if (last && start <= last.end) last.end = end;
    else zones.push({ start, end });
  }
  return zones;
}
