/** Signed requests, the secondary mechanism of draft 4.2: their form, which the edge looks at, and their components. */

import { type Component, covers, type FieldLines, type ParsedSignature } from './http-signature.ts';

/** The parameter `tag` of a signature on a request. */
export const REQUEST_TAG = 'cale-request';

/** Methods that change nothing (RFC 9110 9.2.1), as far as this protocol lets them through without more proof. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
export const isSafeMethod = (method: string): boolean => SAFE_METHODS.includes(method);

/**
 * @param fields of the request, of which Content-Type is covered where it is there.
 * @param hasContent true where the request has a body.
 * @returns the components that the signature of a request has to cover.
 */
export function requestComponents(fields: FieldLines, hasContent: boolean): Component[] {
  const components = ['@method', '@target-uri', 'cale-nonce'];
  if (hasContent) components.push('content-digest');
  if (hasContent && fields.some(([name]) => name === 'content-type')) components.push('content-type');
  return components.map((name) => ({ name }));
}

/** True when a signature has the tag and the components of a request. It is not verified. */
export const hasRequestForm = (signature: ParsedSignature, fields: FieldLines, hasContent: boolean): boolean =>
  signature.tag === REQUEST_TAG && requestComponents(fields, hasContent).every((each) => covers(signature, each));
