/** The body of a registration. */

import { MAX_CSR_BYTES } from '../../shared/protocol/problem.ts';
import { readBody } from '../../shared/protocol/read-body.ts';

/** Bytes beyond a CSR that are read and dropped: a sender that is cut off may not hear why, and workerd cuts it off. */
const MAX_DROPPED_BYTES = 32 * 1024 * 1024;
/** Reading costs CPU time by the piece, and a plain reader gives 4 KiB at a time. */
const PIECE_BYTES = 256 * 1024;

/** @returns the body, or undefined when it is longer than a CSR may be. */
export function readCsr(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return readBody(request, MAX_CSR_BYTES, async (reader) => {
    reader.releaseLock();
    if (request.body !== null) await drop(request.body);
  });
}

async function drop(body: ReadableStream): Promise<void> {
  const reader = body.getReader({ mode: 'byob' });
  let piece = new Uint8Array(PIECE_BYTES);
  for (let dropped = 0; dropped < MAX_DROPPED_BYTES; dropped += piece.length) {
    const { value, done } = await reader.readAtLeast(PIECE_BYTES, piece);
    if (done) return;
    piece = new Uint8Array(value.buffer);
  }
  await reader.cancel();
}
