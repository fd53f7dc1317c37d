import { describe, expect, test } from 'vitest';
import { type Action, type KeyPress, keymap, type Pending, readKey } from './keys.ts';

function type(...presses: (string | Partial<KeyPress>)[]): (Action | null)[] {
  let pending: Pending | null = null;
  let timeMs = 0;
  return presses.map(press => {
    timeMs += 100;
    const given = typeof press === 'string' ? { key: press } : press;
    const result = readKey(pending, {
      key: '',
      mod: false,
      alt: false,
      inField: false,
      onControl: false,
      timeMs,
      ...given,
    });
    pending = result.pending;
    return result.action;
  });
}

test('every key of the map does what the map says', () => {
  for (const { keys, action } of keymap) {
    const presses = keys.startsWith('mod+') ? [{ key: keys.slice(4), mod: true }] : keys.split(' ');
    expect(type(...presses).at(-1)).toBe(action);
  }
});

test('no two entries share their keys', () =>
  expect(new Set(keymap.map(({ keys }) => keys)).size).toBe(keymap.length));

describe('a sequence', () => {
  test('wins over the single key it ends with', () => {
    expect(type('g', 'a')).toEqual([null, 'go-alerts']);
    expect(type('a')).toEqual(['acknowledge']);
  });
  test('is forgotten after a while', () =>
    expect(type('g', { key: 'a', timeMs: 5000 })).toEqual([null, 'acknowledge']));
  test('starts again with its first key', () =>
    expect(type('g', 'g', 't')).toEqual([null, null, 'go-traces']));
  test('that leads nowhere falls back to the single key', () =>
    expect(type('g', 'j')).toEqual([null, 'next']));
});

describe('keys are inactive', () => {
  test('while typing, except the palette', () => {
    expect(type({ key: 'j', inField: true }, { key: '/', inField: true })).toEqual([null, null]);
    expect(type({ key: 'k', mod: true, inField: true })).toEqual(['palette']);
  });
  test('with modifiers of the browser', () => {
    expect(type({ key: 'a', mod: true })).toEqual([null]);
    expect(type({ key: 'j', alt: true })).toEqual([null]);
  });
  test('for Enter on a control', () => {
    expect(type({ key: 'Enter', onControl: true })).toEqual([null]);
    expect(type({ key: 'Enter' })).toEqual(['open']);
  });
});
