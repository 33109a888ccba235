/** Answers of this API, for decoys to imitate before anyone has asked. Their lengths are those of alice's and bob's. */

import type { ExampleAnswer } from '../../origin/decoys/examples.ts';

const json = (value: unknown, status = 200): ExampleAnswer => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(value),
});

const resourceOf = (owner: string, scopes: readonly string[]): ExampleAnswer =>
  json({ owner, organization: 'example.com', scopes, aggregate: { foo: 'bar' } });

export const EXAMPLES: Readonly<Record<string, readonly ExampleAnswer[]>> = {
  'GET /resource': [resourceOf('alice', ['read', 'write']), resourceOf('bob', ['read'])],
  'GET /balance': [json({ owner: 'alice', balance: '1,284.50 EUR' }), json({ owner: 'bob', balance: '17.20 EUR' })],
  'GET /scoped': [json({ owner: 'alice', scope: 'write' }), json({ error: 'scope write is needed' }, 403)],
  'GET /note': [json({ note: 'x'.repeat(500) })],
  'GET /*': [json({ error: 'not found' }, 404)],
};
