/**
 * Answers to requests with a certificate for a decoy (draft 4.2, B.2.3c). The application does not hear of them: what it
 * would have answered is drawn from what it answered to others, as to its form, its time, and whether the body was read.
 */

import type { BinaryResponse } from '../../shared/encoding/bhttp/response.ts';
import { log, reasonOf } from '../../shared/log.ts';
import type { ClientCertificate } from '../../shared/protocol/client-certificate.ts';
import { resolveWithin } from '../../shared/resolve-within.ts';
import { FIRST_FORM, formOf, responseOf } from './answer-form.ts';
import { type ExampleAnswer, learnExamples } from './examples.ts';
import { LearnedAnswers } from './learned-answers.ts';
import type { RequestNames } from './request-names.ts';
import type { LearnedAnswer } from './route-answers.ts';
import { encodeSnapshot, parseSnapshot } from './snapshot.ts';
import { Stopwatch } from './stopwatch.ts';

/** The options of answers to GUIDs that there are not. */
export interface DecoyOptions {
  /** Where the forms of answers outlive the process: a cold one would not know what to imitate. */
  readonly storage?: DecoyStorage;
  /** Answers by route, such as `GET /balance`, that are imitated while the application gave none. */
  readonly examples?: Readonly<Record<string, readonly ExampleAnswer[]>>;
  /**
   * Calls of other parties that the application makes, by route. They are made for decoys too where they take less time
   * than a clock of milliseconds tells, as through a service binding. An answer that they give is read to its end, as the
   * application does. The other party has to refuse what is asked with a certificate for a decoy, as this library does
   * where it answers in the clear.
   */
  readonly calls?: Readonly<Record<string, (request: Request) => Promise<unknown>>>;
}

/** A place for one text, such as a key in KV. It holds routes, hashes of URLs, lengths and times, and no content. */
export interface DecoyStorage {
  load(): Promise<string | null>;
  save(text: string): Promise<void>;
}

/** The application that decoys pretend to have asked. */
const UNKNOWN: LearnedAnswer = { form: FIRST_FORM, milliseconds: 0, readsBody: false };

/** A storage that does not answer holds up the first answers of a process for no longer than this. */
const LOAD_DEADLINE_MS = 1000;
/** The first time after which what was learned is saved. Each later one is twice as long, up to the last. */
const FIRST_SAVE_MS = 1000;
const LAST_SAVE_MS = 10 * 60 * 1000;

/** Answers that are kept of decoys. */
const MAX_DECOYS = 8192;

export class Decoys {
  readonly #learned = new LearnedAnswers();
  /** Decoys are learned as well, because that takes time, and no decoy is drawn from them. */
  readonly #decoys = new LearnedAnswers(MAX_DECOYS);
  readonly #examples: LearnedAnswers;
  readonly #calls: NonNullable<DecoyOptions['calls']>;
  readonly #storage: DecoyStorage | undefined;
  #isReady: Promise<void> | undefined;
  #saveAfterMs = FIRST_SAVE_MS;
  #nextSave = 0;

  constructor({ storage, examples = {}, calls = {} }: DecoyOptions = {}) {
    this.#calls = calls;
    this.#storage = storage;
    this.#examples = learnExamples(examples);
  }

  /** Waits for what was saved before, for real answers and for decoys alike: the first one would tell them apart. */
  ready(): Promise<void> {
    this.#isReady ??= this.#load();
    return this.#isReady;
  }

  /** Begins to time an answer, where it is to be learned. */
  startWatch(names: RequestNames, client: ClientCertificate): Stopwatch | undefined {
    const known = client.isDecoy ? this.#decoys : this.#learned;
    return known.isDue(names, numberOf(client), Date.now()) ? new Stopwatch() : undefined;
  }

  /** @param watch that of the answer. */
  learn(
    names: RequestNames,
    client: ClientCertificate,
    { answer, watch, readsBody }: { answer: BinaryResponse; watch: Stopwatch | undefined; readsBody: boolean },
  ): void {
    const at = Date.now();
    const observed = { form: formOf(answer), milliseconds: watch?.stop() ?? 0, readsBody, at };
    if (client.isDecoy) this.#decoys.learn(names, numberOf(client), observed);
    else if (this.#learned.learn(names, numberOf(client), observed)) this.#saveSometimes(at);
  }

  /** @returns the answer that a decoy is to imitate. One for a real client is drawn as well, because it takes time. */
  draw(names: RequestNames, client: ClientCertificate): LearnedAnswer {
    const known = client.isDecoy ? this.#learned : this.#decoys;
    const number = numberOf(client);
    return known.draw(names, number) ?? this.#examples.draw(names, number) ?? UNKNOWN;
  }

  /**
   * @param drawn by {@link draw}.
   * @param readBody reads the body of the request to its end.
   * @returns an answer such as the application would have given, after the time that it would have taken.
   */
  async imitate(
    { form, milliseconds, readsBody }: LearnedAnswer,
    { route }: RequestNames,
    request: Request,
    readBody: () => Promise<unknown>,
  ): Promise<Response> {
    const startedAt = Date.now();
    if (readsBody) await readBody();
    await this.#call(route, request);
    const left = startedAt + milliseconds - Date.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    return responseOf(form, request.method);
  }

  /** The other party says no more than that it refuses. Its answer has a body to be read, as one to the application has. */
  async #call(route: string, request: Request): Promise<void> {
    try {
      const answer = await this.#calls[route]?.(request);
      if (answer instanceof Response) await answer.arrayBuffer();
    } catch {
      // The application would have its own way with that, and its answers are learned.
    }
  }

  async #load(): Promise<void> {
    if (this.#storage === undefined) return;
    try {
      const text = await resolveWithin(this.#storage.load(), LOAD_DEADLINE_MS);
      if (text !== null) this.#learned.restore(parseSnapshot(text));
    } catch (error) {
      log({ event: 'decoys-not-learned', reason: reasonOf(error) });
    }
  }

  #saveSometimes(now: number): void {
    if (this.#storage === undefined) return;
    this.#nextSave ||= now + this.#saveAfterMs;
    if (now < this.#nextSave) return;
    this.#saveAfterMs = Math.min(2 * this.#saveAfterMs, LAST_SAVE_MS);
    this.#nextSave = now + this.#saveAfterMs;
    this.#storage
      .save(encodeSnapshot(this.#learned.known))
      .catch((error) => log({ event: 'decoys-not-learned', reason: reasonOf(error) }));
  }
}

/** A number that is the client's own: the first 48 bits of its key identifier. */
const numberOf = ({ keyIdentifier }: ClientCertificate): number =>
  keyIdentifier.subarray(0, 6).reduce((number, byte) => number * 256 + byte, 0);
