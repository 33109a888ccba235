/** Printing what the parties saw, in colour on a terminal. */

import { styleText } from 'node:util';
import type { Passage } from './passage.ts';

type Style = Parameters<typeof styleText>[0];

const WIDTH = 100;
const STYLES: Record<string, Style> = {
  client: 'green',
  edge: 'cyan',
  authority: 'yellow',
  origin: 'magenta',
  resource: 'blue',
};

/** The header fields that the draft speaks of, in lower case. */
const SHOWN = [
  'cale-guid',
  'cale-identity',
  'cale-pem',
  'cale-nonce',
  'cale-admit',
  'signature-input',
  'signature',
  'content-digest',
  'cipher',
  'authorization',
  'content-type',
  'content-transfer-encoding',
  'www-authenticate',
];

const party = (name: string): string => styleText(STYLES[name] ?? 'white', name);

function shorten(text: string): string {
  const [line = '', ...more] = text.trimEnd().split('\n');
  const cut = line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
  return more.length === 0 ? cut : `${cut} ${styleText('dim', `(+${more.length} lines)`)}`;
}

export function heading(text: string): void {
  console.log(`\n${styleText(['bold', 'underline'], text)}`);
}

export function note(who: string, text: string): void {
  console.log(`  ${party(who)} ${text}`);
}

/** Prints what a client found in an answer that it could open. */
export function reads(text: string): void {
  console.log(`  ${party('client')} ${styleText('bold', 'reads')}: ${styleText('green', shorten(text))}`);
}

/** Prints that an answer is not for somebody. */
export function cannotRead(who: string): void {
  console.log(`  ${party(who)} ${styleText('bold', 'cannot read it')}`);
}

export function showPassage({ from, to, kind, line, headers, body }: Passage): void {
  console.log(`  ${party(from)} ${kind === 'request' ? '→' : '←'} ${party(to)}  ${line}`);
  for (const name of SHOWN) {
    const value = headers[name];
    if (value !== undefined) console.log(styleText('dim', `      ${name}: ${shorten(value)}`));
  }
  const shown = /[^\x09\x0a\x0d\x20-\x7e]/.test(body) ? `${body.length} bytes of CMS` : shorten(body);
  if (body !== '') console.log(styleText('dim', `      ${shown}`));
}
