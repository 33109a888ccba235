/** An administrator, as the edge passes requests on to the authority. */

import { type AuthorityParty, authorityOfTests } from './authority.ts';

type Members = Readonly<Record<string, unknown>>;

export class Administrator {
  readonly #authority: AuthorityParty;

  constructor(authority: AuthorityParty = authorityOfTests) {
    this.#authority = authority;
  }

  /** @param body a value for JSON. */
  async send(method: string, path: string, body?: unknown): Promise<Response> {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return this.#authority.fetch(new Request(`https://authority/admin/${path}`, init));
  }

  /** Asks until there is no more cursor. @returns the sum of all pages. */
  async allPages(method: string, path: string): Promise<Members> {
    const sum: Record<string, unknown> = {};
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      const response = await this.send(method, `${path}${next}`);
      if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}`);
      const page = (await response.json()) as Record<string, unknown>;
      cursor = (page['cursor'] as string | null | undefined) ?? null;
      for (const [name, value] of Object.entries(page)) {
        const before = sum[name];
        if (typeof value === 'number') sum[name] = value + (typeof before === 'number' ? before : 0);
        if (Array.isArray(value)) sum[name] = [...(Array.isArray(before) ? before : []), ...value];
      }
    } while (cursor !== null);
    return sum;
  }

  reindex(): Promise<Members> {
    return this.allPages('POST', 'reindex');
  }

  async export(): Promise<Record<string, unknown>[]> {
    return (await this.allPages('GET', 'export'))['credentials'] as Record<string, unknown>[];
  }

  async import(credentials: readonly unknown[]): Promise<unknown> {
    return (await this.send('POST', 'import', { credentials })).json();
  }
}
