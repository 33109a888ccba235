import { expect, test } from 'vitest';
import { escapeControls } from '../../../../client/cli/escape.ts';

/** Every character that has to be escaped, by the first and the last of each run. */
const RUNS = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
] as const;

test('controls, those of writing direction, and separators of lines are escaped, and nothing else is', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code);
    const isControl = RUNS.some(([first, last]) => first <= code && code <= last);
    const expected = isControl ? `\\u${code.toString(16).padStart(4, '0')}` : character;
    if (escapeControls(`a${character}b`) !== `a${expected}b`) expect.fail(`U+${code.toString(16)}`);
  }
});

test('strings of JSON stay what they are', () => {
  const value = { 'a\u202e': ['\u001b[2J', '\u009b', '\u2028', '\\u0041', '\n', 'grüß 山 ☺'] };
  const escaped = escapeControls(JSON.stringify(value));
  expect(JSON.parse(escaped)).toEqual(value);
  expect(escaped).not.toMatch(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/);
});
