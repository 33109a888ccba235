/** Answers judged by the description of the edge's interface. */

import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { mediaTypeOf } from '../../shared/protocol/media-types.ts';

/** The parts of the document that are asked for. */
export interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, Described>>;
  };
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Described | { readonly $ref: string }>>;
}

type Content = Readonly<Record<string, { readonly schema: object }>>;

interface Described {
  readonly headers?: Readonly<Record<string, { readonly schema: object }>>;
  readonly content?: Content;
  readonly 'x-sealed-content'?: Content;
}

/** What is judged of an answer. */
export interface Judged {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

const ID = 'https://cale.example/openapi.json';

export class OpenApi {
  /** Ids of operations, with the statuses of the answers that were judged. */
  readonly judged = new Map<string, Set<number>>();
  readonly #description: Description;
  readonly #ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));

  constructor(description: Description) {
    this.#description = description;
    this.#ajv.addSchema({ $id: ID, components: withoutFurtherMembers(description.components) } as AnySchema);
  }

  /**
   * Fails unless the operation has the status, the media type and the header fields of the answer, and its body is of their
   * schema, with no member that the schema does not name.
   * @param path as the document has it.
   * @returns the body of the answer, parsed where it is JSON.
   */
  async judge(method: string, path: string, answer: Judged): Promise<unknown> {
    const where = `${method} ${path} ${answer.status}`;
    const operation = this.#description.paths[path]?.[method.toLowerCase()] ?? expect.unreachable(where);
    const described = this.#resolve(
      operation.responses[answer.status] ?? expect.unreachable(`${where} is not described`),
    );
    const statuses = this.judged.get(operation.operationId) ?? new Set();
    this.judged.set(operation.operationId, statuses.add(answer.status));
    for (const [name, { schema }] of Object.entries(described.headers ?? {})) {
      this.#assert(schema, answer.headers.get(name), `${where}: ${name}`);
    }
    const body = await answer.text();
    if (described.content === undefined || method === 'HEAD') {
      expect(body, where).toBe('');
      return undefined;
    }
    const type = mediaTypeOf(answer.headers.get('Content-Type'));
    const { schema } = described.content[type] ?? expect.unreachable(`${where}: ${type} is not described`);
    const value: unknown = /\bjson$/.test(type) ? JSON.parse(body) : body;
    this.#assert(schema, value, where);
    return value;
  }

  /** Does what {@link judge} does, and then the same with what the client opens. */
  async judgeSealed(
    method: string,
    path: string,
    answer: Judged,
    { type, open }: { readonly type: string; readonly open: (sealed: string) => Promise<string> },
  ): Promise<unknown> {
    const where = `${method} ${path}: the content`;
    const body = (await this.judge(method, path, answer)) as string;
    const response = this.#resolve(this.#description.paths[path]?.[method.toLowerCase()]?.responses['200'] ?? {});
    const { schema } = response['x-sealed-content']?.[type] ?? expect.unreachable(`${where}: ${type} is not described`);
    const text = await open(body);
    const value: unknown = /\bjson$/.test(type) ? JSON.parse(text) : text;
    this.#assert(schema, value, where);
    return value;
  }

  #resolve(response: Described | { readonly $ref: string }): Described {
    if (!('$ref' in response)) return response;
    const name = response.$ref.split('/').at(-1) ?? '';
    return this.#description.components.responses[name] ?? expect.unreachable(response.$ref);
  }

  #assert(schema: object, value: unknown, where: string): void {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${ID}#/components/`));
    const validate: ValidateFunction = this.#ajv.compile({ ...absolute, unevaluatedProperties: false });
    expect(validate(value) ? [] : validate.errors, `${where}: ${JSON.stringify(value)}`).toEqual([]);
  }
}

/** Clients are not to rely on the absence of members, so the document excludes none. Tests are to notice one more. */
function withoutFurtherMembers<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutFurtherMembers) as T;
  const copy = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutFurtherMembers(each)]));
  // A problem has further members in the schemas that are made of it.
  const isWhole = copy['type'] === 'object' && 'properties' in copy && !('requestId' in (copy['properties'] as object));
  return (isWhole ? { ...copy, additionalProperties: false } : copy) as T;
}
