/** A proof of identity goes out by https, and by http to this machine only. */

import { expect, test } from 'vitest';
import { CaleClient, MemoryKeyStore } from '../../../client/index.ts';

test.each(['http://api.example.com', 'http://192.0.2.1:8787', 'http://localhost.example.com', 'http://[2001:db8::1]'])(
  'none is asked for or sent to %s, and nothing else is sent either',
  async (edge) => {
    let calls = 0;
    const counted = () => {
      calls++;
      throw new Error('this has to stay unasked');
    };
    const store = new MemoryKeyStore();
    const work = CaleClient.register({ edge, store, authorization: counted, fetch: counted });
    await expect(work).rejects.toThrow(TypeError);
    await expect(work).rejects.toThrow('https');
    expect(calls).toBe(0);
  },
);

test.each(['https://api.example.com', 'http://localhost:9', 'http://127.0.0.1:9', 'http://[::1]:9'])(
  'an edge at %s is asked',
  async (edge) => {
    const asked: string[] = [];
    const failing: typeof fetch = async (input) => {
      asked.push(input instanceof Request ? input.url : String(input));
      throw new TypeError('no network');
    };
    const work = CaleClient.register({ edge, store: new MemoryKeyStore(), authorization: 'Bearer x', fetch: failing });
    await expect(work).rejects.toMatchObject({ code: 'network' });
    expect(asked).toEqual([`${edge}/.well-known/cale`]);
  },
);
