/**
 * Signed answers (RFC 9421 with `;req`): the origin signs the whole answer, the request that it belongs to, and which client
 * it is for. Without the last a client could hand its answers on to another one, sealed for that one's key.
 */

import { type Component, covers, type FieldLines, NOT_IN_BASE, type ParsedSignature } from './http-signature.ts';

/** The parameter `tag` of a signature on an answer. */
export const ANSWER_TAG = 'cale-answer';

/** Fields of the signature itself. */
const SIGNATURE_FIELDS = ['signature', 'signature-input'];

const REQUEST_COMPONENTS: readonly Component[] = ['@method', '@target-uri', 'cale-nonce', 'cale-key'].map((name) => ({
  name,
  req: true,
}));

/** @returns the components that the signature of an answer has to cover: its status, every field, and the request. */
export function answerComponents(fields: FieldLines): Component[] {
  const components = new Map<string, Component>();
  for (const [name, value] of fields) {
    if (SIGNATURE_FIELDS.includes(name)) continue;
    // As bytes where lines cannot be joined (RFC 6265 3), or are not ASCII.
    const bs = name === 'set-cookie' || NOT_IN_BASE.test(value) || components.get(name)?.bs === true;
    components.set(name, { name, bs });
  }
  return [{ name: '@status' }, ...components.values(), ...REQUEST_COMPONENTS];
}

/** True when a signature has the tag and the components of an answer with these fields. It is not verified. */
export const hasAnswerForm = (signature: ParsedSignature, fields: FieldLines): boolean =>
  signature.tag === ANSWER_TAG && answerComponents(fields).every((each) => covers(signature, each));
