/** Programs of ours around libraries of others: they read one task a line, and answer each with a line. */

import type { Place } from './place.ts';
import type { Given, ToOpen, ToSeal } from './tool.ts';

/** @returns the base64 of a PEM on one line. */
export const lineOfPem = (pem: string): string => pem.replace(/-----[^-]*-----|\s/g, '');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Parts of a task in the order in which the programs take them. */
export const openTask = ({ key, message }: ToOpen) => ['open', lineOfPem(key.privateKey), base64(message)];
export const sealTask = ({ key, cipher, content }: ToSeal) => [
  'seal',
  lineOfPem(key.publicKey),
  Buffer.from(key.subjectKeyIdentifier, 'hex').toString('base64'),
  cipher,
  base64(content),
];
/** @param algorithm a name of RFC 9421 6.2.2, or `ecdsa-p521-sha512`. */
export const verifyTask = (algorithm: string, publicKey: string, message: string, signature: Uint8Array) => [
  'verify',
  algorithm,
  lineOfPem(publicKey),
  base64(Buffer.from(message)),
  base64(signature),
];

/** @returns what it answers to each task. */
export async function runTasks(
  place: Place,
  [program = '', ...args]: readonly string[],
  tasks: readonly (readonly string[])[],
): Promise<Given[]> {
  if (tasks.length === 0) return [];
  const output = await place.run(program, args, tasks.map((task) => `${task.join(' ')}\n`).join(''));
  const lines = String(output).split('\n').slice(0, -1);
  if (lines.length !== tasks.length) throw new Error(`${program} answered ${lines.length} of ${tasks.length} tasks`);
  return lines.map((line) =>
    line.startsWith('!') ? { error: line.slice(1) } : { bytes: Buffer.from(line, 'base64') },
  );
}
