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

/** @returns what a signature lacks of the tag and the components of a request; undefined for none. It is not verified. */
export function faultOfRequestForm(
  signature: ParsedSignature,
  fields: FieldLines,
  hasContent: boolean,
): string | undefined {
  if (signature.tag !== REQUEST_TAG) return `its tag is not "${REQUEST_TAG}"`;
  const missing = requestComponents(fields, hasContent).filter((each) => !covers(signature, each));
  return missing.length === 0 ? undefined : `it does not cover ${missing.map(({ name }) => name).join(', ')}`;
}

/** True when a signature has the tag and the components of a request. It is not verified. */
export const hasRequestForm = (signature: ParsedSignature, fields: FieldLines, hasContent: boolean): boolean =>
  faultOfRequestForm(signature, fields, hasContent) === undefined;
