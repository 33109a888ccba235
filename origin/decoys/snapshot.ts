/** What is known of routes as a text that outlives a process. Single requests are left out: their URLs can be personal. */

import type { AnswerForm } from './answer-form.ts';
import { type DatedAnswer, RouteAnswers } from './route-answers.ts';

const VERSION = 1;
const MAX_ROUTES = 64;
/** Answers of all routes together, and of one. */
const MAX_ANSWERS = 8192;
const MAX_ANSWERS_OF_ROUTE = 1024;

interface RouteSnapshot {
  readonly name: string;
  readonly repeated: number;
  readonly varied: number;
  readonly forms: readonly AnswerForm[];
  /** Of each answer the number of its form, milliseconds, 1 when the body was read, and the time it was given. */
  readonly answers: readonly (readonly [form: number, milliseconds: number, readsBody: 0 | 1, at: number])[];
}

export function encodeSnapshot(routes: ReadonlyMap<string, RouteAnswers>): string {
  const kept = [...routes].slice(-MAX_ROUTES);
  const most = Math.min(MAX_ANSWERS_OF_ROUTE, Math.floor(MAX_ANSWERS / Math.max(1, kept.length)));
  return JSON.stringify({ version: VERSION, routes: kept.map(([name, route]) => snapshotOf(name, route, most)) });
}

function snapshotOf(name: string, { answers, variation }: RouteAnswers, most: number): RouteSnapshot {
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
 * @returns what is known of routes, by name; nothing of a snapshot of another version.
 * @throws {SyntaxError} or {TypeError} when the text is no snapshot.
 */
export function parseSnapshot(text: string): ReadonlyMap<string, RouteAnswers> {
  const { version, routes } = JSON.parse(text) as { version: number; routes: RouteSnapshot[] };
  return new Map(version === VERSION ? routes.map((route) => [route.name, routeOf(route)]) : []);
}

function routeOf({ repeated, varied, forms, answers }: RouteSnapshot): RouteAnswers {
  const route = new RouteAnswers(MAX_ANSWERS_OF_ROUTE, { repeated, varied });
  for (const [number, milliseconds, readsBody, at] of answers) {
    const form = forms[number];
    if (form === undefined) continue;
    const answer: DatedAnswer = { form, milliseconds, readsBody: readsBody === 1, at };
    route.add(answer);
  }
  return route;
}
