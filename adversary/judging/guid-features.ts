/** The features of all answers to one GUID on one route: an adversary can ask for it more than once. */

import type { Observed } from '../observing/observed.ts';
import { rsaTop } from './features.ts';

export const GUID_NAMES: Readonly<Record<string, (answers: readonly Observed[]) => string>> = {
  'guid-key-identifiers': (answers) => oneOrMore(answers, ({ envelope }) => envelope?.keyIdentifier),
  'guid-key-types': (answers) => oneOrMore(answers, ({ envelope }) => envelope?.keyType),
  'guid-has-one-length': (answers) => oneOrMore(answers, ({ envelope }) => envelope?.contentLength),
};

export const GUID_FIGURES: Readonly<Record<string, (answers: readonly Observed[]) => number | undefined>> = {
  /** Shares are compared, because GUIDs may be asked for a different number of times. */
  'guid-share-of-lengths': (answers) => countOf(answers, ({ envelope }) => envelope?.contentLength) / answers.length,
  'guid-span-of-lengths': (answers) => Math.max(...lengthsOf(answers)) - Math.min(...lengthsOf(answers)),
  'guid-rsa-top': (answers) => {
    const tops = answers.flatMap(({ envelope }) => rsaTop(envelope) ?? []);
    return tops.length === 0 ? undefined : Math.max(...tops);
  },
};

export const GUID_TIMES: Readonly<Record<string, (answers: readonly Observed[]) => number>> = {
  'guid-median-time': (answers) => {
    const times = answers.map(({ time }) => time).sort((a, b) => a - b);
    return times[times.length >> 1] ?? 0;
  },
};

const lengthsOf = (answers: readonly Observed[]): number[] => answers.map(({ length }) => length);

const countOf = (answers: readonly Observed[], partOf: (answer: Observed) => unknown): number =>
  new Set(answers.map(partOf)).size;

const oneOrMore = (answers: readonly Observed[], partOf: (answer: Observed) => unknown): string =>
  countOf(answers, partOf) === 1 ? 'one' : 'more';
