/** An answer to a GUID of one of the two sides, reduced to what features are made of. */

import { type Answer, headOf } from './answer.ts';
import { type Envelope, tryParseEnvelope } from './envelope.ts';

export interface Observed extends Pick<Answer, 'firstByte' | 'time'> {
  /** True for the side that an adversary looks for, such as known GUIDs. */
  readonly isOurs: boolean;
  readonly guid: string;
  readonly head: string;
  /** Size of the body in bytes. */
  readonly length: number;
  /** Undefined when the answer is not sealed. */
  readonly envelope: Envelope | undefined;
  readonly askedLength: number | undefined;
}

/** @param of the request: its side, its GUID, and the size of the content that it asks for. */
export const observe = (of: Pick<Observed, 'isOurs' | 'guid' | 'askedLength'>, answer: Answer): Observed => ({
  ...of,
  head: headOf(answer),
  length: answer.body.length,
  envelope: tryParseEnvelope(answer.body),
  firstByte: answer.firstByte,
  time: answer.time,
});
