/** The form of an answer: all of it that can be seen from outside once it is sealed. No text of it is kept. */

import type { BinaryResponse } from '../../shared/encoding/bhttp/response.ts';
import { hasNullBody } from '../../shared/protocol/null-body.ts';

export interface AnswerForm {
  readonly status: number;
  /** Names of the header fields in their order, each with the length of its value. */
  readonly fields: readonly (readonly [name: string, length: number])[];
  /** Size of the content in bytes. */
  readonly bytes: number;
}

/** The answer that is imitated while no other is known: a short one in JSON. */
export const FIRST_FORM: AnswerForm = { status: 200, fields: [['content-type', 16]], bytes: 64 };

/** Bounds of the fields that are kept of one answer. */
const MAX_FIELDS = 32;
const MAX_VALUE_LENGTH = 4096;

export const formOf = ({ status, headers, content }: BinaryResponse): AnswerForm => ({
  status,
  fields: headers.slice(0, MAX_FIELDS).map(([name, { length }]) => [name, Math.min(length, MAX_VALUE_LENGTH)] as const),
  bytes: content.length,
});

/** @returns the name of status and fields. What has one name looks the same from outside. */
export function nameOfHead({ status, fields }: AnswerForm): string {
  let length = 0;
  for (const [name, valueLength] of fields) length += name.length + valueLength;
  return `${status} ${fields.length} ${length}`;
}

/** @returns the name of the whole form. */
export const nameOfForm = (form: AnswerForm): string => `${nameOfHead(form)} ${form.bytes}`;

/**
 * @param method of the request.
 * @returns an answer of the form. Its text says nothing.
 */
export function responseOf({ status, fields, bytes }: AnswerForm, method: string): Response {
  const headers = new Headers();
  for (const [name, length] of fields) {
    headers.append(name, name === 'content-length' ? String(bytes) : '0'.repeat(length));
  }
  const hasBody = method !== 'HEAD' && !hasNullBody(status);
  return new Response(hasBody ? new Uint8Array(bytes) : null, { status, headers });
}
