/** The answers that the application gave on one route, or to one request: decoys are drawn from them. */

import { drawWeighted, hashOf } from '../../shared/protocol/weighted-draw.ts';
import { type AnswerForm, nameOfForm, nameOfHead } from './answer-form.ts';
import { SortedLengths } from './sorted-lengths.ts';

/** An answer as it was seen. */
export interface LearnedAnswer {
  readonly form: AnswerForm;
  /** Time that the application took for it. */
  readonly milliseconds: number;
  /** True when the application read the body of the request. */
  readonly readsBody: boolean;
}

/** A learned answer with the time at which it was given, in milliseconds since 1970. */
export type DatedAnswer = LearnedAnswer & { readonly at: number };

/** Numbers of clients that came more than once, and of those among them whose answers differed. */
export interface Variation {
  readonly repeated: number;
  readonly varied: number;
}

const MAX_ANSWERS = 4096;
const MAX_CLIENTS = 512;
const MAX_DRAWN = 1024;
const HOUR_MS = 60 * 60 * 1000;
/** Answers older than this are forgotten when others come. */
const MAX_AGE_MS = 24 * HOUR_MS;

/** Answers to one client, as far as it matters whether they are alike. */
interface ClientAnswers {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Name of the form of the first one. */
  readonly form: string;
  isRepeated: boolean;
  isVaried: boolean;
}

interface NamedAnswer {
  /** Names of the form, and of its status and fields. */
  readonly form: string;
  readonly head: string;
  readonly answer: DatedAnswer;
}

interface AlikeAnswers {
  /** Of the name of their form. */
  readonly hash: number;
  /** The newest last. */
  readonly answers: DatedAnswer[];
}

export class RouteAnswers {
  #variation: Variation;
  /** The newest last. */
  readonly #answers: NamedAnswer[] = [];
  /** By name of the form. */
  readonly #byForm = new Map<string, AlikeAnswers>();
  /** Lengths of contents, by name of status and fields. */
  readonly #lengths = new Map<string, SortedLengths>();
  /** By number of the client; the one that came first at the front. */
  readonly #clients = new Map<number, ClientAnswers>();
  /** Name of the form that was drawn for a client, by its number. */
  readonly #drawn = new Map<number, string>();

  /** @param before as it was when the answers were put away. */
  constructor(before: Variation = { repeated: 0, varied: 0 }) {
    this.#variation = before;
  }

  get size(): number {
    return this.#answers.length;
  }

  /** The newest last. */
  get answers(): readonly DatedAnswer[] {
    return this.#answers.map(({ answer }) => answer);
  }

  add(given: DatedAnswer): void {
    const [form, head] = [nameOfForm(given.form), nameOfHead(given.form)];
    const alike = this.#byForm.get(form) ?? { hash: hashOf(form), answers: [] };
    // One object for all that have this form: there are many answers, and few forms.
    const answer = { ...given, form: alike.answers[0]?.form ?? given.form };
    this.#answers.push({ form, head, answer });
    alike.answers.push(answer);
    this.#byForm.set(form, alike);
    const lengths = this.#lengths.get(head) ?? new SortedLengths();
    lengths.add(answer.form.bytes);
    this.#lengths.set(head, lengths);
    const isOld = (first: NamedAnswer | undefined) => given.at - (first?.answer.at ?? given.at) > MAX_AGE_MS;
    while (this.size > MAX_ANSWERS || isOld(this.#answers[0])) this.#forgetFirst();
  }

  /** Notes whether the answers to a client are alike. @param form name of the form of one more. */
  note(client: number, form: string, at: number): void {
    const known = this.#clients.get(client);
    if (known !== undefined) {
      this.#count(known, -1);
      known.isRepeated = true;
      known.isVaried ||= known.form !== form;
      this.#count(known, 1);
      return;
    }
    const [first] = this.#clients;
    if (this.#clients.size === MAX_CLIENTS && first !== undefined && at - first[1].since > HOUR_MS) {
      this.#clients.delete(first[0]);
      this.#count(first[1], -1);
    }
    if (this.#clients.size < MAX_CLIENTS) {
      this.#clients.set(client, { since: at, form, isRepeated: false, isVaried: false });
    }
  }

  get variation(): Variation {
    return this.#variation;
  }

  #count({ isRepeated, isVaried }: ClientAnswers, step: 1 | -1): void {
    const { repeated, varied } = this.#variation;
    this.#variation = { repeated: repeated + (isRepeated ? step : 0), varied: varied + (isVaried ? step : 0) };
  }

  /**
   * @param client number of the client. Where answers to one client are alike it gets one form each time, else any.
   * @returns undefined when there is no answer.
   */
  draw(client: number): LearnedAnswer | undefined {
    const { repeated, varied } = this.#variation;
    const isVaried = varied > 0 && 2 * varied >= repeated;
    if (isVaried) return this.#drawAny();
    const form = this.#formFor(client);
    return oneOf((form === undefined ? undefined : this.#byForm.get(form)?.answers) ?? []);
  }

  /** Of many lengths it is one near another: decoys of the same lengths again and again would stand out. */
  #drawAny(): LearnedAnswer | undefined {
    const drawn = oneOf(this.#answers);
    if (drawn === undefined) return undefined;
    const { answer, head } = drawn;
    const { bytes } = answer.form;
    return { ...answer, form: { ...answer.form, bytes: this.#lengths.get(head)?.drawNear(bytes) ?? bytes } };
  }

  #formFor(client: number): string | undefined {
    const drawn = this.#drawn.get(client);
    if (drawn !== undefined && this.#byForm.has(drawn)) return drawn;
    if (this.#byForm.size === 0) return undefined;
    const choices = [...this.#byForm].map(([value, { hash, answers }]) => ({ value, hash, weight: answers.length }));
    const form = drawWeighted(choices, client);
    putLast(this.#drawn, MAX_DRAWN, client, form);
    return form;
  }

  #forgetFirst(): void {
    const first = this.#answers.shift();
    if (first === undefined) return;
    this.#lengths.get(first.head)?.remove(first.answer.form.bytes);
    const alike = this.#byForm.get(first.form);
    alike?.answers.shift();
    if (alike?.answers.length === 0) this.#byForm.delete(first.form);
  }
}

const oneOf = <T>(values: readonly T[]): T | undefined => values[Math.floor(Math.random() * values.length)];

/** Puts a value at the end of a Map, and takes the first one out when there are more than fit. */
export function putLast<K, V>(map: Map<K, V>, capacity: number, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > capacity && first !== undefined) map.delete(first);
}
