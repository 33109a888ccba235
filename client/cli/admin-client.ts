/** The edge's `/admin`, as an operator asks it. */

import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { CaleError } from '../errors.ts';
import { notSealed, send } from '../exchange/send.ts';
import { type AdminTokenOptions, readAdminToken } from './credentials.ts';
import { edgeForSecrets } from './url.ts';

type Members = Readonly<Record<string, unknown>>;

/** Times that a request is sent which comes too early. Pages follow upon each other fast. */
const MAX_TRIES = 10;
const TOO_MANY_REQUESTS = 429;

export class AdminClient {
  readonly #origin: string;
  readonly #token: string;

  private constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  /** @throws {UsageError} when the URL is none of an edge, or there is no token. */
  static async open(edge: string, options: AdminTokenOptions): Promise<AdminClient> {
    return new AdminClient(edgeForSecrets(edge), await readAdminToken(options));
  }

  /**
   * @param path below `/admin/`.
   * @param body a value for JSON.
   * @returns the members of the answer.
   * @throws {CaleError} as {@link send}.
   */
  async ask(method: string, path: string, body?: unknown): Promise<Members> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#askOnce(method, path, body);
      } catch (error) {
        const refusal = error instanceof CaleError ? error.refusal : undefined;
        const seconds = refusal?.status === TOO_MANY_REQUESTS ? refusal.retryAfter : undefined;
        if (seconds === undefined || tries >= MAX_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      }
    }
  }

  async #askOnce(method: string, path: string, body: unknown): Promise<Members> {
    const request = new Request(`${this.#origin}/admin/${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const response = await send({ fetch }, request);
    const answer = tryParseJsonObject(await response.text());
    if (answer === undefined) throw notSealed(response);
    return answer;
  }

  /** @returns the pages of an answer, one after the other. @param path with a query, or without one. */
  async *pages(method: string, path: string): AsyncGenerator<Members> {
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
      const page: Members = await this.ask(method, path + query);
      yield page;
      cursor = typeof page['cursor'] === 'string' ? page['cursor'] : undefined;
    } while (cursor !== undefined);
  }
}

/** Adds the numbers of a page to those of the pages before. */
export function addCounts(counts: Record<string, number>, page: Members): void {
  for (const [name, value] of Object.entries(page)) {
    if (typeof value === 'number') counts[name] = (counts[name] ?? 0) + value;
  }
}
