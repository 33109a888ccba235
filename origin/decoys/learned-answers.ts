/**
 * The forms of answers that the application gave before, by route and by request: decoys are drawn from them. All that is
 * kept is bounded and is forgotten, and of one client no more than one answer a minute counts for each of them.
 */

import { nameOfForm } from './answer-form.ts';
import type { RequestNames } from './request-names.ts';
import { type DatedAnswer, type LearnedAnswer, RouteAnswers } from './route-answers.ts';
import type { Known } from './snapshot.ts';

/** Numbers of routes and of requests, and of the answers to all of either, if no other is said. */
const MAX_NAMES = 256;
const MAX_ANSWERS = 65_536;
/** Answers that there have to be to one request, to be drawn from in place of all those on its route. */
const MIN_EXACT = 8;
const MINUTE_MS = 60_000;
/** Bounds of what is learned in one minute: from all clients, and from one, which could make up paths. */
const MAX_PER_MINUTE = 50_000;
const MAX_PER_CLIENT = 64;

export class LearnedAnswers {
  /** By name; the one learned last at the end. */
  readonly #routes = new Map<string, RouteAnswers>();
  readonly #requests = new Map<string, RouteAnswers>();
  #minute = 0;
  /** Names with numbers of clients that were learned from in this minute. */
  readonly #learned = new Set<string>();
  /** How often each client was learned from in this minute, by its number. */
  readonly #perClient = new Map<number, number>();
  readonly #capacity: number;

  /** @param capacity number of answers that are kept, of all routes, and of all requests. */
  constructor(capacity = MAX_ANSWERS) {
    this.#capacity = capacity;
  }

  /**
   * @param client number of the client.
   * @returns true when there is one more answer to draw from.
   */
  learn(names: RequestNames, client: number, answer: DatedAnswer): boolean {
    const form = nameOfForm(answer.form);
    const learnAs = (map: Map<string, RouteAnswers>, name: string): boolean => {
      const known = map.get(name) ?? new RouteAnswers();
      known.note(client, form, answer.at);
      if (!this.#take(name, client, answer.at)) return false;
      known.add(answer);
      this.#keep(map, name, known);
      return true;
    };
    for (const name of names.requests) learnAs(this.#requests, name);
    return learnAs(this.#routes, names.route);
  }

  /** @param client number of the client. @returns undefined when nothing is known that could be imitated. */
  draw(names: RequestNames, client: number): LearnedAnswer | undefined {
    const known = names.requests.map((name) => this.#requests.get(name));
    const same = known.find((each) => each !== undefined && each.size >= MIN_EXACT);
    return (same ?? this.#routes.get(names.route))?.draw(client);
  }

  /** The ones learned last at the end. */
  get known(): Known {
    return { routes: this.#routes, requests: this.#requests };
  }

  /** Takes over what was known before. What is known already is newer, and stays. */
  restore({ routes, requests }: Known): void {
    for (const [name, answers] of routes) if (!this.#routes.has(name)) this.#keep(this.#routes, name, answers);
    for (const [name, answers] of requests) if (!this.#requests.has(name)) this.#keep(this.#requests, name, answers);
  }

  /** True when an answer to the client is to be learned, by one of the names. */
  isDue(names: RequestNames, client: number, at: number): boolean {
    return [...names.requests, names.route].some((name) => this.#isNew(name, client, at));
  }

  /** As {@link isDue}, and notes that it is learned. */
  #take(name: string, client: number, at: number): boolean {
    if (!this.#isNew(name, client, at)) return false;
    this.#learned.add(`${client} ${name}`);
    this.#perClient.set(client, (this.#perClient.get(client) ?? 0) + 1);
    return true;
  }

  #isNew(name: string, client: number, at: number): boolean {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#learned.clear();
      this.#perClient.clear();
    }
    return (
      !this.#learned.has(`${client} ${name}`) &&
      this.#learned.size < MAX_PER_MINUTE &&
      (this.#perClient.get(client) ?? 0) < MAX_PER_CLIENT
    );
  }

  /** Puts what is known of a name at the end, and forgets others while there are too many. */
  #keep(map: Map<string, RouteAnswers>, name: string, known: RouteAnswers): void {
    map.delete(name);
    map.set(name, known);
    let total = 0;
    for (const { size } of map.values()) total += size;
    while (map.size > MAX_NAMES || (total > this.#capacity && map.size > 1)) {
      const [forgotten, { size }] = leastOf(map);
      map.delete(forgotten);
      total -= size;
    }
  }
}

/** The name to forget first. One that came a few times goes before one that comes often, whenever that was. */
function leastOf(map: ReadonlyMap<string, RouteAnswers>): readonly [name: string, answers: RouteAnswers] {
  const [first, ...others] = map;
  if (first === undefined) throw new TypeError('nothing is known');
  return [first, ...others].find(([, { size }]) => size < MIN_EXACT) ?? first;
}
