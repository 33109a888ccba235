/**
 * Signed answers (RFC 9421 with `;req`): the origin signs the whole answer, the request that it belongs to, and which client
 * it is for. Without the last a client could hand its answers on to another one, sealed for that one's key.
 */

import { type Component, covers, type FieldLines, type ParsedSignature } from './http-signature.ts';

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
  const names = new Set(fields.map(([name]) => name).filter((name) => !SIGNATURE_FIELDS.includes(name)));
  return [{ name: '@status' }, ...[...names].map((name) => componentOf(name, fields)), ...REQUEST_COMPONENTS];
}

/** As bytes where lines cannot be joined (RFC 6265 3), or are not ASCII. */
function componentOf(name: string, fields: FieldLines): Component {
  const isAscii = fields.every(([field, value]) => field !== name || /^[\x20-\x7e\t]*$/.test(value));
  return { name, bs: name === 'set-cookie' || !isAscii };
}

/** True when a signature has the tag and the components of an answer with these fields. It is not verified. */
export const hasAnswerForm = (signature: ParsedSignature, fields: FieldLines): boolean =>
  signature.tag === ANSWER_TAG && answerComponents(fields).every((each) => covers(signature, each));
