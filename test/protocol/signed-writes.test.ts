/**
 * Requests that can change something (draft 4.2): which the edge lets through, which the origin does, and that each is done
 * once. The signatures are by own code: test/support/raw-signing.ts.
 */

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OpenError } from '../../shared/cms/open.ts';
import { Device, type DeviceKeyType } from '../support/device.ts';
import { ask, BOB, type Harness, registeredDevice, startHarness } from '../support/harness.ts';
import {
  digestOf,
  fieldsOf,
  partsOf,
  randomNonce,
  type SignatureParts,
  signatureOf,
  signedFields,
  type Unsigned,
} from '../support/raw-signing.ts';
import { type Inside, openWhole, startWithTestOrigin, WHOLE_ANSWER } from '../support/test-origin.ts';

let harness: Harness;
let device: Device;
let guid: string;
beforeAll(async () => {
  harness = await startWithTestOrigin();
  ({ device, guid } = await registeredDevice(harness));
});
afterAll(() => harness.server.close());

type Answer = Awaited<ReturnType<typeof ask>>;
type Fields = Record<string, string>;

const urlOf = (path: string): string => new URL(path, harness.url).href;
const write = (more: Partial<Unsigned & { path: string }> = {}): Unsigned => ({
  method: 'POST',
  url: urlOf(more.path ?? '/count'),
  nonce: randomNonce(),
  body: 'a body',
  contentType: 'text/plain',
  ...more,
});

/** Sends a request with these fields. */
function send({ method, url, body }: Unsigned, fields: Fields, id = guid): Promise<Answer> {
  const { pathname, search } = new URL(url);
  const headers = { ...WHOLE_ANSWER, ...fields };
  // Bytes, for which fetch adds no media type.
  return ask(harness, pathname + search, id, { method, headers, ...(body !== '' && { body: Buffer.from(body) }) });
}

const count = async (): Promise<number> =>
  (await openWhole(device, await ask(harness, '/count', guid, { headers: WHOLE_ANSWER }))).json as number;

/** What the client finds inside of the answer, and how many writes were done for it. */
async function outcome(request: Unsigned, fields: Fields): Promise<Inside & { done: number }> {
  const before = await count();
  const inside = await openWhole(device, await send(request, fields));
  return { ...inside, done: (await count()) - before };
}

const problem = (reason: string, status: number) => ({ type: `urn:cale:problem:${reason}`, status });

/** A problem without the id of its request. */
async function problemOf(answer: Answer): Promise<object> {
  const { requestId: _, ...problem } = (await answer.clone().json()) as { requestId: string };
  return problem;
}

/** An unknown GUID is answered as a known one: by the same status, fields and, where it is no sealed one, body. */
async function expectAlike(request: Unsigned, fields: Fields): Promise<Answer> {
  const seen = async (id: string) => {
    const answer = await send(request, fields, id);
    const isSealed = answer.headers.get('Content-Type')?.startsWith('application/pkcs7-mime');
    const of = [...answer.headers].filter(([name]) => name !== 'date' && name !== 'content-length');
    return { answer, status: answer.status, of, body: isSealed ? 'sealed' : await problemOf(answer) };
  };
  const { answer, ...known } = await seen(guid);
  for (const id of [crypto.randomUUID(), 'x']) {
    const { answer: _, ...unknown } = await seen(id);
    expect(unknown).toEqual(known);
  }
  return answer;
}

async function expectRefusedOutside(request: Unsigned, fields: Fields, status: number, reason: string): Promise<void> {
  const before = await count();
  const answer = await expectAlike(request, fields);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject(problem(reason, status));
  expect(await count()).toBe(before);
}

async function expectRefusedInside(request: Unsigned, fields: Fields): Promise<void> {
  const { status, json, done } = await outcome(request, fields);
  expect({ status, json, done }).toEqual({
    status: 401,
    json: expect.objectContaining(problem('proof-not-valid', 401)),
    done: 0,
  });
  await expectAlike(request, fields);
}

const isDecoy = async (response: Answer): Promise<boolean> => {
  expect(response.status).toBe(200);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return device.openBytes(bytes).then(
    () => false,
    (error) => error instanceof OpenError,
  );
};

describe.each(['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072'] as const satisfies DeviceKeyType[])(
  'signed by a %s key',
  (keyType) => {
    test.each([
      ['POST', 'a body', 'text/plain'],
      ['PUT', 'a body', undefined],
      ['PATCH', 'gr\u00fc\u00df', 'text/plain; charset=utf-8'],
      ['DELETE', '', undefined],
      ['POST', '', 'text/plain'],
    ])('%s of %j is done', async (method, body, contentType) => {
      const { device, guid } = await registeredDevice(harness, keyType);
      const request = write({ method, body, contentType, url: urlOf('/mirror?a=b') });
      const answer = await send(request, await signedFields(device, request), guid);
      const { status, json } = await openWhole(device, answer);
      expect({ status, json }).toMatchObject({
        status: 200,
        json: { method, body, search: '?a=b', proof: 'signature' },
      });
    });
  },
);

test('an RSA key signs by PSS as well, and any key without saying by what', async () => {
  const { device: rsa, guid: rsaGuid } = await registeredDevice(harness, 'RSA-2048');
  const request = write({ path: '/mirror' });
  const pss = ({ parameters, ...parts }: SignatureParts): SignatureParts => ({
    ...parts,
    parameters: parameters.map((each) => each.replace('rsa-v1_5-sha256', 'rsa-pss-sha512')),
    alg: 'rsa-pss-sha512',
  });
  const answer = await send(request, await signedFields(rsa, request, pss), rsaGuid);
  expect(await openWhole(rsa, answer)).toMatchObject({ status: 200, json: { proof: 'signature' } });
  const silent = write();
  expect(await outcome(silent, await signedFields(device, silent, withoutParameter('alg')))).toMatchObject({ done: 1 });
});

const withoutParameter =
  (name: string) =>
  ({ parameters, ...parts }: SignatureParts): SignatureParts => ({
    ...parts,
    parameters: parameters.filter((each) => !each.startsWith(`${name}=`)),
  });
const withParameter =
  (parameter: string) =>
  ({ parameters, ...parts }: SignatureParts): SignatureParts => ({
    ...parts,
    parameters: [...parameters.filter((each) => each.split('=')[0] !== parameter.split('=')[0]), parameter],
  });
const withComponents =
  (change: (components: readonly string[]) => readonly string[]) =>
  ({ components, ...parts }: SignatureParts): SignatureParts => ({ ...parts, components: change(components) });

describe('refused by the edge, alike for every GUID:', () => {
  const REQUIRED = [403, 'secondary-proof-required'] as const;

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])('%s without a signature', async (method) => {
    const request = write({ method });
    await expectRefusedOutside(request, {}, ...REQUIRED);
    await expectRefusedOutside(request, fieldsOf(request), ...REQUIRED);
  });

  test.each(['cale-nonce', 'signature', 'signature-input'])('a write without %s', async (name) => {
    const request = write();
    const { [name]: _, ...fields } = await signedFields(device, request);
    await expectRefusedOutside(request, fields, ...REQUIRED);
  });

  test.each<[string, (parts: SignatureParts) => SignatureParts]>([
    ['under another label', (parts) => ({ ...parts, label: 'sig1' })],
    ['under another tag', withParameter('tag="cale-answer"')],
    ['without a tag', withoutParameter('tag')],
    ['with a tag that is a token', withParameter('tag=cale-request')],
    [
      'with a tag twice',
      ({ parameters, ...parts }) => ({ ...parts, parameters: [...parameters, 'tag="cale-request"'] }),
    ],
    ['without a keyid', withoutParameter('keyid')],
    ['with a keyid that is a number', withParameter('keyid=1')],
    ['with an alg that is a number', withParameter('alg=1')],
    ['with a time that is a text', withParameter('created="1"')],
    ['with a time that is no integer', withParameter('created=1.5')],
    ['with an end that is true', withParameter('expires')],
    ...['"@method"', '"@target-uri"', '"cale-nonce"', '"content-digest"', '"content-type"'].map(
      (name): [string, (parts: SignatureParts) => SignatureParts] => [
        `over all but ${name}`,
        withComponents((components) => components.filter((each) => each !== name)),
      ],
    ),
    ['over nothing', withComponents(() => [])],
    ['over a component twice', withComponents((components) => [...components, '"@method"'])],
    ['over a component in upper case', withComponents((components) => [...components, '"X-Field"'])],
    [
      'over a component with a parameter that is not known',
      withComponents((components) => [...components, '"x-field";sf']),
    ],
    ['over a component that is a token', withComponents((components) => [...components, 'x-field'])],
    [
      'over the method of another request',
      withComponents((components) => components.map((each) => each.replace('"@method"', '"@method";req'))),
    ],
    [
      'over more than 128 components',
      withComponents((components) => [...components, ...Array.from({ length: 128 }, (_, at) => `"x${at}"`)]),
    ],
  ])('a signature %s', async (_, change) => {
    const request = write();
    await expectRefusedOutside(request, await signedFields(device, request, change), ...REQUIRED);
  });

  test.each<[string, (fields: Fields) => Fields]>([
    ['Signature-Input that is empty', (fields) => ({ ...fields, 'signature-input': '' })],
    ...[
      'cale',
      'cale=1',
      'cale="x"',
      'cale=:AAAA:',
      'cale=("@method"',
      'cale=(@method)',
      'cale=("@method");',
      '=()',
      'cale=()\u00e9',
    ].map((value): [string, (fields: Fields) => Fields] => [
      `Signature-Input ${value}`,
      (fields) => ({ ...fields, 'signature-input': value }),
    ]),
    [
      'two of Signature-Input',
      (fields) => ({ ...fields, 'signature-input': `${fields['signature-input']}, ${fields['signature-input']}` }),
    ],
    [
      'a Signature-Input of more than 8 KiB',
      (fields) => ({ ...fields, 'signature-input': `${fields['signature-input']}, x="${'x'.repeat(8192)}"` }),
    ],
    ['Signature that is empty', (fields) => ({ ...fields, signature: '' })],
    ...['cale', 'cale=1', 'cale="x"', 'cale=()', 'cale=:!:', 'cale=:AAAA', 'x=:AAAA:', 'cale=:AAAA:;a=1'].map(
      (value): [string, (fields: Fields) => Fields] => [
        `Signature ${value}`,
        (fields) => ({ ...fields, signature: value }),
      ],
    ),
    ['two of Signature', (fields) => ({ ...fields, signature: `${fields['signature']}, ${fields['signature']}` })],
    ['a Signature of more than 8 KiB', (fields) => ({ ...fields, signature: `cale=:${'A'.repeat(8192)}:` })],
  ])('%s', async (_, change) => {
    const request = write();
    await expectRefusedOutside(request, change(await signedFields(device, request)), ...REQUIRED);
  });

  test.each([
    'x',
    '1795614257',
    '1795614257.',
    '.AAAAAAAAAAAAAAAAAAAAAA',
    '1795614257.AAAAAAAAAAAAAAAAAAAAA',
    '1795614257.AAAAAAAAAAAAAAAAAAAAAAA',
    '1795614257.AAAAAAAAAAAAAAAAAAAA==',
    '1795614257.AAAAAAAAAAAAAAAAAAAA+/',
    '179561425.AAAAAAAAAAAAAAAAAAAAAA',
    '17956142570.AAAAAAAAAAAAAAAAAAAAAA',
    '0795614257.AAAAAAAAAAAAAAAAAAAAAA',
    '-795614257.AAAAAAAAAAAAAAAAAAAAAA',
    '1795614257,AAAAAAAAAAAAAAAAAAAAAA',
    '1795614257.AAAAAAAAAAAAAAAAAAAAAA, 1795614257.AAAAAAAAAAAAAAAAAAAAAA',
    `1795614257.${'A'.repeat(5000)}`,
  ])('the nonce %j, by whatever method', async (nonce) => {
    for (const method of ['GET', 'POST']) {
      const request = write({ method, nonce, ...(method === 'GET' && { body: '', contentType: undefined }) });
      await expectRefusedOutside(request, await signedFields(device, request), 400, 'nonce-malformed');
    }
    const whoami = await ask(harness, '/whoami', guid, { headers: { 'CALE-Nonce': nonce } });
    expect([whoami.status, await whoami.json()]).toMatchObject([400, problem('nonce-malformed', 400)]);
  });
});

describe('refused by the origin, inside of the envelope, before a handler runs:', () => {
  /** A request that is signed as it is, and sent as another. */
  const signedAs = async (signed: Partial<Unsigned>, more: Fields = {}): Promise<[Unsigned, Fields]> => {
    const request = write();
    const fields = await signedFields(device, { ...request, ...signed });
    return [request, { ...fields, 'cale-nonce': request.nonce, ...more }];
  };

  test.each<[string, () => Promise<[Unsigned, Fields]>]>([
    ['a signature for another method', () => signedAs({ method: 'PUT' })],
    ['a signature for another path', () => signedAs({ url: urlOf('/mirror') })],
    ['a signature for another query', () => signedAs({ url: urlOf('/count?a=b') })],
    ['a signature for another host', () => signedAs({ url: 'https://elsewhere.example/count' })],
    ['a signature for another nonce', () => signedAs({ nonce: randomNonce() })],
    ['a signature for another body', () => signedAs({ body: 'another body' })],
    [
      'a signature for another body, with the digest of this one',
      () => signedAs({ body: 'another body' }, { 'content-digest': digestOf('a body') }),
    ],
    ['a signature for another media type', () => signedAs({}, { 'content-type': 'text/html' })],
  ])('%s', async (_, make) => {
    await expectRefusedInside(...(await make()));
  });

  test.each<[string, (parts: SignatureParts) => SignatureParts]>([
    ['the keyid of another key', withParameter(`keyid="${'A'.repeat(27)}"`)],
    ['an empty keyid', withParameter('keyid=""')],
    ['the alg of another curve', withParameter('alg="ecdsa-p384-sha384"')],
    ['the alg of RSA', withParameter('alg="rsa-v1_5-sha256"')],
    ['an alg with a shared secret', withParameter('alg="hmac-sha256"')],
    ['an alg that is none', withParameter('alg="none"')],
    ['a time to come', withParameter(`created=${Math.floor(Date.now() / 1000) + 3600}`)],
    ['an end that is over', withParameter(`expires=${Math.floor(Date.now() / 1000) - 3600}`)],
    ['an end before time began', withParameter('expires=-1')],
    ['a field covered that is not there', withComponents((components) => [...components, '"x-missing"'])],
    ['a derived component that is not known', withComponents((components) => [...components, '"@authority"'])],
    ['a status', withComponents((components) => [...components, '"@status"'])],
  ])('%s', async (_, change) => {
    const request = write();
    await expectRefusedInside(request, await signedFields(device, request, change));
  });

  test.each<[string, (fields: Fields) => Fields]>([
    ['a digest of something else', (fields) => ({ ...fields, 'content-digest': digestOf('something else') })],
    [
      'a digest by another hash',
      (fields) => ({
        ...fields,
        'content-digest': `sha-512=:${createHash('sha512').update('a body').digest('base64')}:`,
      }),
    ],
    ['a digest that is none', (fields) => ({ ...fields, 'content-digest': 'x' })],
    [
      'a digest twice',
      (fields) => ({ ...fields, 'content-digest': `${fields['content-digest']}, ${fields['content-digest']}` }),
    ],
  ])('%s, though it is signed', async (_, change) => {
    const request = write();
    const fields = change(fieldsOf(request));
    await expectRefusedInside(request, {
      ...fields,
      ...(await signatureOf(device, request, fields, partsOf(device, request))),
    });
  });

  test('the signature of another key, under the keyid of this one', async () => {
    const request = write();
    const other = await Device.create('P-256', '');
    const own = (parts: SignatureParts) => ({ ...parts, parameters: partsOf(device, request).parameters });
    await expectRefusedInside(request, await signedFields(other, request, own));
  });

  test('an altered signature, and one of another length', async () => {
    for (const alter of [
      (bytes: Buffer) => bytes.with(0, (bytes[0] ?? 0) ^ 1),
      (bytes: Buffer) => bytes.subarray(1),
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]),
      () => Buffer.alloc(64),
      () => Buffer.alloc(0),
    ]) {
      const request = write();
      const { signature = '', ...fields } = await signedFields(device, request);
      const bytes = alter(Buffer.from(signature.slice('cale=:'.length, -1), 'base64'));
      await expectRefusedInside(request, { ...fields, signature: `cale=:${Buffer.from(bytes).toString('base64')}:` });
    }
  });

  test('a body of more than 10 MiB', async () => {
    const request = write({ body: 'x'.repeat(10 * 1024 * 1024 + 1) });
    const { status, json, done } = await outcome(request, await signedFields(device, request));
    expect({ status, json, done }).toMatchObject({ status: 413, json: problem('content-too-large', 413), done: 0 });
    const most = write({ body: 'x'.repeat(10 * 1024 * 1024) });
    expect(await outcome(most, await signedFields(device, most))).toMatchObject({ status: 200, done: 1 });
  });

  test('and not: a time that is over, an end to come, more components, other labels, fields that are in several lines', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    for (const change of [
      withParameter(`created=${seconds - 3600}`),
      withParameter(`expires=${seconds + 3600}`),
      withParameter('nonce="its own"'),
      withComponents((components) => components.toReversed()),
    ]) {
      const request = write();
      expect(await outcome(request, await signedFields(device, request, change))).toMatchObject({
        status: 200,
        done: 1,
      });
    }
    const request = write();
    const fields = { ...fieldsOf(request), 'x-field': 'covered' };
    const parts = partsOf(device, request);
    const components = [...parts.components, '"x-field"'];
    const signature = await signatureOf(device, request, fields, { ...parts, components });
    const beside = {
      'signature-input': `sig1=("@method");keyid="x", ${signature['signature-input']}`,
      signature: `sig1=:AAAA:, ${signature['signature']}`,
    };
    expect(await outcome(request, { ...fields, ...beside })).toMatchObject({ status: 200, done: 1 });
  });
});

describe('a nonce', () => {
  test('serves one request of 16 at the same moment, and none after it', async () => {
    const request = write();
    const fields = await signedFields(device, request);
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 16 }, () => send(request, fields)));
    const decoys = await Promise.all(answers.map(isDecoy));
    expect(decoys.filter((each) => !each)).toHaveLength(1);
    expect(await isDecoy(await send(request, fields))).toBe(true);
    expect(await count()).toBe(before + 1);
    await expectAlike(request, fields);
  });

  test('serves no other write of the client, and one of another client', async () => {
    const nonce = randomNonce();
    const request = write({ nonce });
    expect(await outcome(request, await signedFields(device, request))).toMatchObject({ done: 1 });
    const other = write({ nonce, path: '/mirror', body: 'another body' });
    expect(await isDecoy(await send(other, await signedFields(device, other)))).toBe(true);
    const bob = await registeredDevice(harness, 'P-256', BOB);
    const answer = await send(other, await signedFields(bob.device, other), bob.guid);
    expect(await openWhole(bob.device, answer)).toMatchObject({ status: 200, json: { proof: 'signature' } });
  });

  test('is used up by a write that is refused for its signature, and by no GET', async () => {
    const request = write();
    const fields = await signedFields(device, request);
    for (let again = 0; again < 2; again++) {
      const headers = { ...WHOLE_ANSWER, 'CALE-Nonce': request.nonce };
      expect(await openWhole(device, await ask(harness, '/count', guid, { headers }))).toMatchObject({ status: 200 });
    }
    const wrong = { ...fields, signature: `cale=:${Buffer.alloc(64).toString('base64')}:` };
    expect(await outcome(request, wrong)).toMatchObject({ status: 401, done: 0 });
    expect(await isDecoy(await send(request, fields))).toBe(true);
  });

  test.each([-310, 310, -1_000_000, 1_000_000])('of %i seconds from now is answered by a decoy', async (seconds) => {
    const request = write({ nonce: randomNonce(Math.floor(Date.now() / 1000) + seconds) });
    const fields = await signedFields(device, request);
    const before = await count();
    expect(await isDecoy(await send(request, fields))).toBe(true);
    expect(await count()).toBe(before);
    await expectAlike(request, fields);
  });

  test.each([-290, 290])('of %i seconds from now serves', async (seconds) => {
    const request = write({ nonce: randomNonce(Math.floor(Date.now() / 1000) + seconds) });
    expect(await outcome(request, await signedFields(device, request))).toMatchObject({ status: 200, done: 1 });
  });

  test('of a revoked credential serves nothing', async () => {
    const lost = await registeredDevice(harness);
    const headers = { Authorization: 'Bearer admin' };
    await harness.server.fetch(`/admin/credentials/${lost.guid}`, { method: 'DELETE', headers });
    const request = write();
    const before = await count();
    const answer = await send(request, await signedFields(lost.device, request), lost.guid);
    await expect(openWhole(lost.device, answer)).rejects.toThrow(OpenError);
    expect(await count()).toBe(before);
  });
});

test('a client has no say in what is admitted', async () => {
  const headers = { ...WHOLE_ANSWER, 'CALE-Admit': '?1', 'CALE-Nonce': randomNonce() };
  for (let again = 0; again < 2; again++) {
    const { status, json } = await openWhole(device, await ask(harness, '/mirror', guid, { headers }));
    expect(status).toBe(200);
    expect((json as { headers: object }).headers).not.toHaveProperty('cale-admit');
  }
  const request = write();
  const fields = { ...(await signedFields(device, request)), 'CALE-Admit': '?0' };
  expect(await outcome(request, fields)).toMatchObject({ done: 1 });
  expect(await isDecoy(await send(request, fields))).toBe(true);
});

describe('UNSAFE_METHODS', () => {
  /** Answers to a write with a signature and to one without, in surroundings of their own. */
  async function withSettings(
    vars: Parameters<typeof startWithTestOrigin>[0],
    run: (write: (isSigned: boolean) => Promise<Answer>, device: Device) => Promise<void>,
  ): Promise<void> {
    const other = await startWithTestOrigin(vars);
    try {
      const { device, guid } = await registeredDevice(other);
      await run(async (isSigned) => {
        const request = { ...write(), url: new URL('/mirror', other.url).href };
        const signed = isSigned ? await signedFields(device, request) : {};
        const headers = { ...WHOLE_ANSWER, ...signed };
        return ask(other, '/mirror', guid, { method: 'POST', headers, body: request.body });
      }, device);
    } finally {
      await other.server.close();
    }
  }

  test('refuse, of the edge, lets none through, signed or not', async () => {
    await withSettings({ edge: { UNSAFE_METHODS: 'refuse' } }, async (write) => {
      for (const isSigned of [true, false]) {
        const answer = await write(isSigned);
        expect([answer.status, await answer.json()]).toMatchObject([403, problem('secondary-proof-required', 403)]);
      }
    });
  });

  test('allow, of the edge only, leaves it to the origin, which takes none whose nonce is not admitted', async () => {
    await withSettings({ edge: { UNSAFE_METHODS: 'allow' } }, async (write, device) => {
      for (const isSigned of [true, false]) {
        const { status, json } = await openWhole(device, await write(isSigned));
        expect({ status, json }).toMatchObject({ status: 401, json: problem('proof-not-valid', 401) });
      }
    });
  });

  test('allow, of both, takes a GUID for proof, and says so to the application', async () => {
    const allow = { UNSAFE_METHODS: 'allow' };
    await withSettings({ edge: allow, origin: allow }, async (write, device) => {
      for (const isSigned of [true, false]) {
        const { status, json } = await openWhole(device, await write(isSigned));
        expect({ status, json }).toMatchObject({
          status: 200,
          json: { method: 'POST', body: 'a body', proof: 'reading' },
        });
      }
    });
  });

  test('refuse, of the origin only, is said inside', async () => {
    await withSettings({ origin: { UNSAFE_METHODS: 'refuse' } }, async (write, device) => {
      expect((await write(false)).status).toBe(403);
      const { status, json } = await openWhole(device, await write(true));
      expect({ status, json }).toMatchObject({ status: 403, json: problem('method-refused', 403) });
    });
  });

  test('allow, of the origin only, is stopped at the edge', async () => {
    await withSettings({ origin: { UNSAFE_METHODS: 'allow' } }, async (write) => {
      expect((await write(false)).status).toBe(403);
      expect((await write(true)).status).toBe(200);
    });
  });
});

test('without an origin’s key answers are not signed, and the edge names no certificate', async () => {
  const secrets = { origin: { ORIGIN_SIGNING_KEY: '', ORIGIN_SIGNING_CERTIFICATES: '' } };
  const unsigned = await startHarness({ secrets });
  try {
    const { device, guid } = await registeredDevice(unsigned);
    const headers = { ...WHOLE_ANSWER, 'CALE-Nonce': randomNonce() };
    const inside = await openWhole(device, await ask(unsigned, '/resource', guid, { headers }));
    expect(Object.keys(inside.headers)).not.toContain('signature');
    const document = await (await unsigned.server.fetch('/.well-known/cale')).json();
    expect(document).not.toHaveProperty('originCertificates');
  } finally {
    await unsigned.server.close();
  }
});
