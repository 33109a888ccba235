/** The story: what passes, and beside it who can read it. Nothing is printed before it was seen to be true. */

import type { AccountKey } from '../../client/account.ts';
import { CaleClient } from '../../client/client.ts';
import { CaleError } from '../../client/errors.ts';
import type { CaleRequestInit } from '../../client/exchange/fetch.ts';
import { MemoryKeyStore } from '../../client/stores/memory.ts';
import { open } from '../../shared/cms/open.ts';
import { SEALED_PATH } from '../../shared/protocol/endpoints.ts';
import type { Exchange } from '../page/exchange.ts';
import { bytesOnTheWay, cannotRead, onTheWay, reads, say, title } from './screen.ts';
import type { Stage } from './stage.ts';
import { type Passed, Way } from './way.ts';

const PASSWORDS = { alice: 'wonderland', bob: 'builder' };
const PAYMENT = 'Pay bob 20 EUR.';

/** Somebody with a registered key. */
interface Person {
  readonly client: CaleClient;
  readonly key: AccountKey;
  readonly guid: string;
  /** A client with the same key and another GUID. */
  withGuid(guid: string): Promise<CaleClient>;
}

/**
 * @param begin is called with the title of each chapter when it begins.
 * @throws {Error} that says what was not as it would have been told.
 */
export async function tellStory(stage: Pick<Stage, 'url' | 'passages'>, begin: (name: string) => void): Promise<void> {
  const way = new Way(stage);
  let chapters = 0;
  const secrets: string[] = [];
  const onTheWayOfAll: string[] = [];
  const chapter = (text: string): void => {
    begin(text);
    title(++chapters, text);
  };
  /** Takes what passed, in which the answer must not be found, nor in what passes later. */
  const pass = async (path: string, answer: string): Promise<Passed> => {
    const passed = await way.take(path);
    expect(passed.exchange.status === 200, `on the way ${path} is answered with ${passed.exchange.status}`);
    secrets.push(answer);
    onTheWayOfAll.push(...passed.onTheWay);
    for (const secret of secrets) expectHidden(onTheWayOfAll, secret);
    return passed;
  };

  begin('alice and bob register');
  const [alice, bob] = [await register(stage, way, 'alice'), await register(stage, way, 'bob')];
  say('Only who asked can read the answer: alice and bob have a key each, and what is in between has none.');

  chapter('alice asks for her balance');
  const balance = await textOf(await alice.client.fetch('/balance'), 200);
  const [secret = ''] = /[0-9][0-9,.]+/.exec(balance) ?? [];
  expect(secret !== '', `no balance in ${balance}`);
  const asked = await pass('/balance', secret);
  expect(
    asked.behind.some((text) => text.includes(secret)),
    'the balance was not found where it is in the clear',
  );
  onTheWay(summary(asked.exchange));
  bytesOnTheWay(asked.exchange.body);
  reads('alice', balance);
  await expectOnlyFor(asked.exchange, alice, bob);
  cannotRead('bob, with the bytes', 'unreadable: his key does not open them, hers does');

  chapter('bob asks for what takes the right to write');
  const refusal = await textOf(await bob.client.fetch('/scoped'), 403);
  const refused = await pass('/scoped', refusal);
  onTheWay(`${summary(refused.exchange)}: 200, like every answer`);
  reads('bob', `403 ${refusal}`);

  chapter('alice pays. What changes something is signed by her key');
  const payment = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: PAYMENT };
  const paid = await textOf(await alice.client.fetch('/echo', payment), 200);
  expect((JSON.parse(paid) as { body?: string }).body === PAYMENT, `the API took another payment: ${paid}`);
  const written = await pass('/echo', paid);
  onTheWay(`${summary(written.exchange, PAYMENT)}`);
  reads('alice', paid);
  await expectChangedIsRefused(way, alice, payment);
  cannotRead('changed on the way', 'the API refused it: alice reads 401, proof-not-valid');

  chapter('alice pays once more, and seals the question too');
  const hidden = await textOf(await alice.client.fetch('/echo', { ...payment, seal: true }), 200);
  expect((JSON.parse(hidden) as { body?: string }).body === PAYMENT, `the API took another payment: ${hidden}`);
  const sealed = await pass(SEALED_PATH, hidden);
  for (const part of [PAYMENT, '/echo']) expectHidden(sealed.onTheWay, part);
  onTheWay(summary(sealed.exchange));
  bytesOnTheWay(sealed.exchange.requestBody);
  reads('alice', hidden);

  chapter('Somebody tries a GUID that there is not');
  await expectUnreadable(await alice.withGuid(crypto.randomUUID()));
  const guessed = await pass('/balance', secret);
  onTheWay(summary(guessed.exchange));
  cannotRead('whoever it is', 'unreadable: a decoy, in the form of an answer');

  chapter('An administrator revokes alice’s GUID');
  await revoke(stage.url, alice.guid);
  await expectUnreadable(alice.client);
  const revoked = await pass('/balance', secret);
  onTheWay(summary(revoked.exchange));
  cannotRead('alice', 'unreadable from now on');

  say(`\nAll of this just happened, and in the ${onTheWayOfAll.length} messages of the edge no answer could be read.`);
  say('Every message: npm run demo -- --verbose. In a browser: npm run dev.');
}

async function register({ url }: Pick<Stage, 'url'>, way: Way, name: keyof typeof PASSWORDS): Promise<Person> {
  const store = new MemoryKeyStore();
  const options = { edge: url.origin, store, fetch: way.fetch };
  const authorization = `Basic ${btoa(`${name}:${PASSWORDS[name]}`)}`;
  const client = await CaleClient.register({ ...options, authorization, account: name });
  const account = await store.get({ edge: client.edge, name });
  expect(account !== undefined, `${name} has no key`);
  await way.take('/registration', 'authority');
  return {
    client,
    key: account.key,
    guid: account.guid,
    async withGuid(guid) {
      await store.put({ ...account, guid, name: guid });
      const other = await CaleClient.load({ ...options, account: guid });
      expect(other !== undefined, 'the account was not kept');
      return other;
    },
  };
}

/** The line of an exchange. @param text of the request's body, where it can be read. */
function summary({ method, path, requestFields, requestBody, status, body }: Exchange, text?: string): string {
  const guid = requestFields.find(([name]) => name === 'cale-guid')?.[1] ?? '';
  const sent = text !== undefined ? `, “${text}”` : requestBody.length > 0 ? `, ${requestBody.length} bytes` : '';
  return `${method} ${path}, GUID ${guid.slice(0, 8)}…${sent} → ${status}, ${body.length} bytes`;
}

async function textOf(response: Response, status: number): Promise<string> {
  const text = await response.text();
  expect(response.status === status, `the API answered ${response.status} and not ${status}: ${text}`);
  return text;
}

function expectHidden(messages: readonly string[], secret: string): void {
  expect(!messages.some((text) => text.includes(secret)), `“${secret}” could be read on the way`);
}

/** An answer opens with its owner's key, so that what stops the other one is the key. */
async function expectOnlyFor({ body }: Exchange, owner: Person, other: Person): Promise<void> {
  await open(body, owner.key);
  const isOpened = await open(body, other.key).then(
    () => true,
    () => false,
  );
  expect(!isOpened, 'the answer opened with the key of another user');
}

async function expectChangedIsRefused(way: Way, { client }: Person, payment: CaleRequestInit): Promise<void> {
  way.change = (request) => (request.method === 'POST' ? new Request(request, { body: 'Pay bob 900 EUR.' }) : request);
  try {
    const refusal = await textOf(await client.fetch('/echo', payment), 401);
    expect(refusal.includes('proof-not-valid'), `the API refused for another reason: ${refusal}`);
  } finally {
    way.change = (request) => request;
  }
  await way.take('/echo');
}

async function expectUnreadable(client: CaleClient): Promise<void> {
  const outcome = await client.fetch('/balance').catch((error: unknown) => error);
  const isUnreadable = outcome instanceof CaleError && outcome.code === 'unreadable';
  expect(isUnreadable, `the answer is not unreadable: ${outcome instanceof Error ? outcome.message : 'it was read'}`);
}

async function revoke(url: URL, guid: string): Promise<void> {
  const headers = { Authorization: 'Bearer admin' };
  const response = await fetch(new URL(`/admin/credentials/${guid}`, url), { method: 'DELETE', headers });
  const answer = await response.text();
  expect(response.ok && (JSON.parse(answer) as { revoked?: number }).revoked === 1, `nothing was revoked: ${answer}`);
}

function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
