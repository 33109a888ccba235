/** Answers that a deployment declares, so that there is something to imitate before anyone asked. */

import { utf8 } from '../../shared/encoding/bytes.ts';
import { formOf } from './answer-form.ts';
import { LearnedAnswers } from './learned-answers.ts';
import { RouteAnswers } from './route-answers.ts';

/** An answer such as the application gives. Only its lengths matter. */
export interface ExampleAnswer {
  /** By default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Time that the application takes for it; by default 0. */
  readonly milliseconds?: number;
  /** True when the application reads the body of the request. */
  readonly readsBody?: boolean;
}

/** @param examples by route. */
export function learnExamples(examples: Readonly<Record<string, readonly ExampleAnswer[]>>): LearnedAnswers {
  const learned = new LearnedAnswers();
  const routes = new Map(
    Object.entries(examples).map(([route, answers]) => {
      const known = new RouteAnswers();
      for (const { status = 200, headers = {}, body = '', milliseconds = 0, readsBody = false } of answers) {
        const form = formOf({ status, headers: [...new Headers(headers)], content: utf8(body) });
        known.add({ form, milliseconds, readsBody, at: 0 });
      }
      return [route, known] as const;
    }),
  );
  learned.restore({ routes, requests: new Map() });
  return learned;
}
