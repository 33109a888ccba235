import { describe, expect, test } from 'vitest';
import { CALE_REQUEST_ID } from '../../../shared/protocol/headers.ts';
import { isSampled, newRequestId, requestIdOf } from '../../../shared/protocol/request-id.ts';
import { isLogged, RequestTrace, samplePercentFromSettings } from '../../../shared/protocol/request-trace.ts';

const ids = (count: number): string[] => Array.from({ length: count }, newRequestId);

describe('the id of a request', () => {
  test('is taken over in good form, and is another one in place of any else', () => {
    const [id = ''] = ids(1);
    expect(requestIdOf(new Headers({ [CALE_REQUEST_ID]: id }))).toBe(id);
    for (const bad of ['', 'x', `${id}A`, `${id.slice(0, 21)}=`, `${id}, ${id}`]) {
      const other = requestIdOf(new Headers({ [CALE_REQUEST_ID]: bad }));
      expect(other).toMatch(/^[\w-]{22}$/);
      expect(other).not.toBe(bad);
    }
  });

  test('chooses none of the requests at 0 percent, all of them at 100, and about as many as said between', () => {
    const all = ids(4000);
    const chosen = (percent: number) => all.filter((id) => isSampled(id, percent)).length;
    expect([chosen(0), chosen(100)]).toEqual([0, 4000]);
    // Six standard deviations.
    expect(Math.abs(chosen(25) - 1000)).toBeLessThan(165);
  });
});

describe('the line of a request', () => {
  test('names the usual methods only, because a client can make up others', () => {
    const line = (method: string) => new RequestTrace('').line('resource', method, 200).method;
    expect(['GET', 'DELETE', 'get', 'PROPFIND', ''].map(line)).toEqual(['GET', 'DELETE', 'other', 'other', 'other']);
  });

  test('has the outcome of its status, unless another one was noted', () => {
    const outcome = (status: number, note = (_: RequestTrace) => {}) => {
      const trace = new RequestTrace('');
      note(trace);
      return trace.line('resource', 'GET', status).outcome;
    };
    expect([200, 204, 400, 429, 503].map((status) => outcome(status))).toEqual([
      'answered',
      'answered',
      'refused',
      'refused',
      'unavailable',
    ]);
    expect(outcome(403, (trace) => trace.noteGuid('revoked'))).toBe('decoy');
    expect(outcome(200, (trace) => trace.noteGuid(null))).toBe('answered');
  });

  test('adds up the times of a hop, also of one that failed', async () => {
    const trace = new RequestTrace('');
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    await trace.time('shard', () => wait(5));
    await expect(
      trace.time('shard', async () => {
        await wait(5);
        throw new TypeError('down');
      }),
    ).rejects.toThrow('down');
    const { hops, milliseconds } = trace.line('resource', 'GET', 200);
    expect(hops.shard).toBeGreaterThanOrEqual(8);
    expect(milliseconds).toBeGreaterThanOrEqual(hops.shard ?? Number.NaN);
  });

  test('is written for refusals always; for a decoy as for an answer, by the id and not by the GUID', () => {
    const lines = ids(200).map((id) => {
      const [answer, decoy] = [new RequestTrace(id), new RequestTrace(id)];
      decoy.noteGuid('unknown');
      return [answer.line('validate', 'GET', 200), decoy.line('validate', 'GET', 403)] as const;
    });
    for (const [answer, decoy] of lines) expect(isLogged(answer, 50)).toBe(isLogged(decoy, 50));
    expect(new Set(lines.map(([answer]) => isLogged(answer, 50))).size).toBe(2);
    expect(isLogged(new RequestTrace('').line('resource', 'GET', 400), 0)).toBe(true);
    expect(isLogged(new RequestTrace('').line('resource', 'GET', 503), 0)).toBe(true);
  });
});

test('LOG_SAMPLE_PERCENT is 0 to 100, and 100 where it is not set', () => {
  expect(samplePercentFromSettings({})).toBe(100);
  expect(samplePercentFromSettings({ LOG_SAMPLE_PERCENT: '0' })).toBe(0);
  for (const bad of ['101', '-1', '1.5', 'all']) {
    expect(() => samplePercentFromSettings({ LOG_SAMPLE_PERCENT: bad })).toThrow('from 0 to 100');
  }
});
