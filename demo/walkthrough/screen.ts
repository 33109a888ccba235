/** Printing the story: two columns, in colour on a terminal. */

import { styleText } from 'node:util';

const WIDTH = 100;
const LABEL_WIDTH = 21;
/** Bytes of a message that are shown. */
const SHOWN_BYTES = 20;

type Style = Parameters<typeof styleText>[0];

/** @param style of the text. */
function row(label: string, text: string, style: Style): void {
  const width = WIDTH - LABEL_WIDTH - 3;
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  console.log(`   ${label.padEnd(LABEL_WIDTH)}${styleText(style, cut)}`);
}

export function title(number: number, text: string): void {
  console.log(`\n${styleText('bold', `${number}. ${text}`)}`);
}

export const say = (text: string): void => console.log(text);

/** Prints a message as it is on the way. */
export const onTheWay = (text: string): void => row('network, edge, logs', text, 'dim');

/** Prints the first bytes of a message. */
export function bytesOnTheWay(bytes: Uint8Array): void {
  const shown = [...bytes.subarray(0, SHOWN_BYTES)].map((byte) => byte.toString(16).padStart(2, '0'));
  row('', `${shown.join(' ')} …`, 'dim');
}

export const reads = (who: string, text: string): void => row(`${who} reads`, text, 'green');

export const cannotRead = (who: string, text: string): void => row(who, text, 'yellow');
