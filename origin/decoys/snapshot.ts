/**
 * What is known of routes and requests as a text that outlives a process. Of requests it has hashes of their names, because
 * URLs can be personal.
 */

import type { AnswerForm } from './answer-form.ts';
import { type DatedAnswer, RouteAnswers } from './route-answers.ts';

const VERSION = 2;

interface Bounds {
  /** Number of names that are kept: those learned last. */
  readonly names: number;
  /** Number of answers of all names together, and of one. */
  readonly answers: number;
  readonly answersOfName: number;
}

const ROUTES: Bounds = { names: 64, answers: 8192, answersOfName: 1024 };
const REQUESTS: Bounds = { names: 128, answers: 4096, answersOfName: 64 };

/** Answers by the names of routes, and by those of requests. */
export interface Known {
  readonly routes: ReadonlyMap<string, RouteAnswers>;
  readonly requests: ReadonlyMap<string, RouteAnswers>;
}

interface NameSnapshot {
  readonly name: string;
  readonly repeated: number;
  readonly varied: number;
  readonly forms: readonly AnswerForm[];
  /** Of each answer the number of its form, milliseconds, 1 when the body was read, and the time it was given. */
  readonly answers: readonly (readonly [form: number, milliseconds: number, readsBody: 0 | 1, at: number])[];
}

export const encodeSnapshot = ({ routes, requests }: Known): string =>
  JSON.stringify({
    version: VERSION,
    routes: snapshotsOf(routes, ROUTES),
    requests: snapshotsOf(requests, REQUESTS),
  });

function snapshotsOf(answers: Known['routes'], bounds: Bounds): NameSnapshot[] {
  const kept = [...answers].slice(-bounds.names);
  const most = Math.min(bounds.answersOfName, Math.floor(bounds.answers / Math.max(1, kept.length)));
  return kept.map(([name, known]) => snapshotOf(name, known, most));
}

function snapshotOf(name: string, { answers, variation }: RouteAnswers, most: number): NameSnapshot {
  const numbers = new Map<string, number>();
  const forms: AnswerForm[] = [];
  const numberOf = (form: AnswerForm): number => {
    const key = JSON.stringify(form);
    const number = numbers.get(key) ?? forms.push(form) - 1;
    numbers.set(key, number);
    return number;
  };
  const rows = answers
    .slice(-most)
    .map(({ form, milliseconds, readsBody, at }) => [numberOf(form), milliseconds, readsBody ? 1 : 0, at] as const);
  return { name, ...variation, forms, answers: rows };
}

/**
 * @returns what was known; nothing of a snapshot of another version.
 * @throws {SyntaxError} or {TypeError} when the text is no snapshot.
 */
export function parseSnapshot(text: string): Known {
  const { version, routes, requests } = JSON.parse(text) as Record<keyof Known, NameSnapshot[]> & { version: number };
  if (version !== VERSION) return { routes: new Map(), requests: new Map() };
  return { routes: answersOf(routes), requests: answersOf(requests) };
}

const answersOf = (snapshots: readonly NameSnapshot[]): Known['routes'] =>
  new Map(snapshots.map((snapshot) => [snapshot.name, routeAnswersOf(snapshot)]));

function routeAnswersOf({ repeated, varied, forms, answers }: NameSnapshot): RouteAnswers {
  const known = new RouteAnswers({ repeated, varied });
  for (const [number, milliseconds, readsBody, at] of answers) {
    const form = forms[number];
    if (form === undefined) continue;
    const answer: DatedAnswer = { form, milliseconds, readsBody: readsBody === 1, at };
    known.add(answer);
  }
  return known;
}
