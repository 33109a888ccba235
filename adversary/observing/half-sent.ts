/** Requests whose body is announced and not sent, or sent late. */

import { connect } from 'node:net';
import type { Message } from './exchange.ts';

export interface HalfSent {
  /** The first line of an answer, `nothing`, or `closed`: after a part of the body, and after the rest of it. */
  readonly afterPart: string;
  readonly afterRest: string;
  /** Microseconds from the rest of the body, or from its part where the rest was not waited for, to the answer. */
  readonly time: number;
}

/** Milliseconds for which an answer to the whole body is waited for. */
const PATIENCE_MS = 5000;

/**
 * Sends the head and a part of the body, waits, and sends the rest.
 * @param sent number of bytes of the body that are sent at first.
 * @param waitMs milliseconds.
 */
export async function sendHalf(url: URL, message: Message, sent: number, waitMs: number): Promise<HalfSent> {
  const body = message.body ?? new Uint8Array(0);
  const socket = connect(Number(url.port), url.hostname);
  let text = '';
  let isClosed = false;
  let arrivedAt: number | undefined;
  let wake = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    arrivedAt ??= performance.now();
    wake();
  });
  const onClose = () => {
    isClosed = true;
    wake();
  };
  socket.on('close', onClose);
  socket.on('error', onClose);
  const state = () => (text === '' ? (isClosed ? 'closed' : 'nothing') : text.slice(0, text.indexOf('\r\n')));
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (isClosed || text !== '') wake();
    });
  try {
    let start = performance.now();
    socket.write(encodeHead(url, message, body.length));
    socket.write(body.subarray(0, sent));
    await wait(waitMs);
    const afterPart = state();
    if (afterPart === 'nothing') {
      start = performance.now();
      socket.write(body.subarray(sent));
      await wait(PATIENCE_MS);
    }
    return { afterPart, afterRest: state(), time: ((arrivedAt ?? performance.now()) - start) * 1000 };
  } finally {
    socket.destroy();
  }
}

function encodeHead({ host }: URL, { method, path, headers }: Message, length: number): string {
  const fields = { Host: host, 'Content-Length': String(length), ...headers };
  const lines = Object.entries(fields).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`),
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
