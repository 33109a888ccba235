/** Signatures put together by hand, so that any part of them can be another one than it should be (RFC 9421 2.5). */

import { encodeBase64 } from '../../../shared/encoding/base64.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { type Component, combinedField } from '../../../shared/protocol/http-signature.ts';
import type { Bytes } from './bytes.ts';
import type { Fields } from './schema.ts';

/** What is signed: a line for each component, and the parameters behind the list. */
export interface Raw {
  readonly lines: readonly (readonly [identifier: string, value: string])[];
  readonly parameters: string;
}

/** @returns the two fields of the signature, and its base. */
export async function signRaw(
  { lines, parameters }: Raw,
  sign: (base: Bytes) => Promise<Uint8Array>,
): Promise<{ readonly fields: Fields; readonly base: string }> {
  const input = `(${lines.map(([identifier]) => identifier).join(' ')})${parameters}`;
  const base = [...lines.map((line) => line.join(': ')), `"@signature-params": ${input}`].join('\n');
  const signature = `cale=:${encodeBase64(await sign(utf8(base)))}:`;
  const fields = [
    ['signature-input', `cale=${input}`],
    ['signature', signature],
  ] as const;
  return { fields, base };
}

/**
 * @param derived values by their identifiers: those of derived components, and those of the request of an answer.
 * @returns a line for each component; values of fields are those of the message.
 */
export const linesOf = (
  components: readonly Component[],
  fields: Fields,
  derived: Readonly<Record<string, string>>,
): Raw['lines'] =>
  components.map(({ name, req }) => {
    const identifier = `"${name}"${req ? ';req' : ''}`;
    return [identifier, derived[identifier] ?? combinedField(fields, name) ?? ''];
  });
