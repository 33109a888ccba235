import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { DecoyOptions } from '../../../../origin/decoys/decoys.ts';
import type { OriginOptions } from '../../../../origin/options.ts';
import { type Application, createOrigin } from '../../../../origin/origin.ts';
import { OpenError } from '../../../../shared/cms/open.ts';
import { newNonce } from '../../../../shared/protocol/nonce.ts';
import {
  createOriginStage,
  createTestDevice,
  type Forwarded,
  forwardedRequest,
  type OriginStage,
  openedAnswer,
  type TestDevice,
} from '../../../support/origin-stage.ts';

let stage: OriginStage;
let stranger: TestDevice;
beforeAll(async () => {
  stage = await createOriginStage();
  stranger = await createTestDevice();
});

const application = vi.fn<Application>(async ({ url }) => {
  const { pathname, searchParams } = new URL(url);
  if (pathname === '/missing') return new Response('no such page', { status: 404 });
  if (pathname === '/broken') throw new Error('broken');
  return Response.json({ text: 'x'.repeat(Number(searchParams.get('size') ?? 100)) });
});

const originWith = (decoys: DecoyOptions = {}, more: Partial<OriginOptions> = {}) =>
  createOrigin({ ...stage.options, decoys, ...more });
type TestOrigin = ReturnType<typeof originWith>;

const ask = async (origin: TestOrigin, path: string, request: Forwarded = {}): Promise<Response> =>
  origin.handle(await forwardedRequest(stage, path, request), application);
const askAsDecoy = (origin: TestOrigin, path: string, request: Forwarded = {}) =>
  ask(origin, path, { from: stranger, purpose: 'decoy', ...request });
const lengthOf = async (response: Response): Promise<number> => (await response.arrayBuffer()).byteLength;

describe('a request with a certificate for a decoy', () => {
  test('never reaches the application, and no key opens its answer', async () => {
    const origin = originWith();
    await ask(origin, '/a');
    application.mockClear();
    const answer = await askAsDecoy(origin, '/a');
    expect(answer.status).toBe(200);
    await expect(openedAnswer(answer, stranger)).rejects.toThrow(OpenError);
    expect(application).not.toHaveBeenCalled();
  });

  test.each(['/a', '/a?size=3000', '/missing', '/broken'])('to %s is as long as an answer', async (path) => {
    for (const nonce of [undefined, newNonce(Date.now())]) {
      for (const fields of [[], [['CALE-Accept', '']]] as const) {
        const origin = originWith();
        const known = await ask(origin, path, { nonce, fields });
        const decoy = await askAsDecoy(origin, path, { nonce, fields });
        expect([...decoy.headers]).toEqual([...known.headers]);
        expect(await lengthOf(decoy)).toBe(await lengthOf(known));
      }
    }
  });

  test('is not imitated by others', async () => {
    const origin = originWith();
    for (let times = 0; times < 20; times++) await askAsDecoy(origin, '/a', { from: await createTestDevice() });
    const known = await lengthOf(await ask(origin, '/a?size=3000'));
    for (let times = 0; times < 5; times++) expect(await lengthOf(await askAsDecoy(origin, '/a'))).toBe(known);
  });

  test('of a write is refused as an unsigned one of a client is', async () => {
    const origin = originWith();
    const write = { method: 'POST', nonce: newNonce(Date.now()), body: new Uint8Array(10) };
    const [known, decoy] = [await ask(origin, '/a', write), await askAsDecoy(origin, '/a', write)];
    expect(await lengthOf(decoy)).toBe(await lengthOf(known));
    expect(application).not.toHaveBeenCalledWith(expect.objectContaining({ method: 'POST' }), expect.anything());
  });

  test('of HEAD has the fields of GET, and no content', async () => {
    const origin = originWith();
    await ask(origin, '/a?size=3000');
    const known = await ask(origin, '/a?size=3000', { method: 'HEAD' });
    const decoy = await askAsDecoy(origin, '/a?size=3000', { method: 'HEAD' });
    expect([...decoy.headers]).toEqual([...known.headers]);
  });

  test('reads the body where the application does', async () => {
    const origin = originWith({}, { unsafeMethods: 'allow' });
    const write = { method: 'POST', body: new Uint8Array(10) };
    const received = await forwardedRequest(stage, '/read', write);
    await origin.handle(received, async (request) => new Response(await request.text()));
    const decoy = await forwardedRequest(stage, '/read', { ...write, from: stranger, purpose: 'decoy' });
    await origin.handle(decoy, application);
    expect(decoy.bodyUsed).toBe(true);
    const unread = await forwardedRequest(stage, '/elsewhere', { ...write, from: stranger, purpose: 'decoy' });
    await origin.handle(unread, application);
    expect(unread.bodyUsed).toBe(false);
  });

  test('makes the calls that were declared for its route, and takes no notice of what becomes of them', async () => {
    const answer = new Response('refused');
    const calls = { 'GET /a': vi.fn(async (_request: Request) => answer), 'GET /b': () => Promise.reject('x') };
    const origin = originWith({ calls });
    await ask(origin, '/a');
    expect(calls['GET /a']).not.toHaveBeenCalled();
    expect((await askAsDecoy(origin, '/a')).status).toBe(200);
    expect(calls['GET /a'].mock.lastCall?.[0].headers.has('CALE-PEM')).toBe(true);
    expect(answer.bodyUsed).toBe(true);
    expect((await askAsDecoy(origin, '/b')).status).toBe(200);
  });

  test('is not taken where answers are in the clear', async () => {
    const refused = vi.fn();
    const origin = originWith({}, { answers: 'clear', onRefusal: refused });
    const request = await forwardedRequest(stage, '/a', { purpose: 'decoy' });
    request.headers.delete('Cipher');
    expect((await origin.handle(request, application)).status).toBe(403);
    expect(refused).toHaveBeenCalledWith('certificate-for-a-decoy');
  });
});

describe('forms of answers', () => {
  const storageWith = (text: string | null) => ({
    load: vi.fn(async () => text),
    save: vi.fn(async (_text: string) => undefined),
  });

  test('outlive the process, and hold no content', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const storage = storageWith(null);
      const origin = originWith({ storage });
      const [first, second] = [await createTestDevice(), await createTestDevice()];
      await ask(origin, '/a?size=3000', { from: first });
      vi.setSystemTime(Date.now() + 1500);
      await ask(origin, '/a?size=3000', { from: second });
      const [text = expect.unreachable()] = storage.save.mock.lastCall ?? [];
      expect(text).not.toContain('xxx');
      expect(text).not.toContain('size=3000');
      const cold = originWith({ storage: storageWith(text) });
      const decoy = await askAsDecoy(cold, '/a');
      expect(await lengthOf(decoy)).toBe(await lengthOf(await ask(cold, '/a?size=3000')));
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ['is not there', async () => null],
    ['is damaged', async () => '{"version":1'],
    ['is of another version', async () => '{"version":99,"routes":[]}'],
    ['fails', () => Promise.reject(new Error('KV is down'))],
    ['never answers', () => new Promise<string>(() => undefined)],
  ])('storage that %s stops no answer', async (_, load) => {
    const origin = originWith({ storage: { load, save: async () => undefined } });
    const [known, decoy] = await Promise.all([ask(origin, '/a'), askAsDecoy(origin, '/a')]);
    expect([known.status, decoy.status]).toEqual([200, 200]);
  });

  test('that were declared are imitated while no answer is known', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(3000) });
    const examples = { 'GET /a': [{ headers: { 'Content-Type': 'application/json' }, body }] };
    const decoy = await askAsDecoy(originWith({ examples }), '/a');
    expect(await lengthOf(decoy)).toBe(await lengthOf(await ask(originWith(), '/a?size=3000')));
    const without = await askAsDecoy(originWith(), '/a');
    expect(await lengthOf(without)).toBeLessThan(2000);
  });
});
