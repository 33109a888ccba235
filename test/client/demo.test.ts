/** The commands of docs/demo.md for the story: what they print, and that they fail when something is not as they tell. */

import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openStage, type Stage } from '../../demo/walkthrough/stage.ts';
import { tellStory } from '../../demo/walkthrough/story.ts';
import { ROOT } from '../../scripts/workers.ts';
import { blocksOf } from '../support/blocks.ts';

const LINES = 40;
const COLUMNS = 100;
const ESCAPE = '\x1b';
const PAYMENT = 'Pay bob 20 EUR.';
const [STORY = '', VERBOSE = '', ...OTHERS] = blocksOf('docs/demo.md')('npm run demo').text.trim().split('\n');

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command without what npm prints of itself. */
function run(command: string, env: Record<string, string> = {}): Promise<Run> {
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
  const args = ['-c', command.replace('npm run', 'npm run -s')];
  return new Promise((resolve) => {
    execFile('sh', args, { cwd: ROOT, env: { ...rest, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test('the page has two commands', () => {
  expect([STORY, VERBOSE, ...OTHERS]).toEqual([STORY, `${STORY} -- --verbose`]);
});

test('the demo tells its story on one screen, without colours where there is no terminal', async () => {
  const { code, stdout } = await run(STORY);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(LINES);
  expect(lines.filter((line) => line.length > COLUMNS)).toEqual([]);
  expect(stdout).not.toContain(ESCAPE);
  expect(stdout.match(/^\d\. /gm)).toHaveLength(6);
  for (const told of [
    /GET \/balance, GUID [0-9a-f]{8}… → 200, \d+ bytes\n +30 82( [0-9a-f]{2})+ …\n +alice reads +\{"owner":"alice","balance":"1,284\.50 EUR"\}\n +bob, with the bytes +unreadable/,
    /GET \/scoped, .* → 200, .*\n +bob reads +403 \{"error":"scope write is needed"\}/,
    /POST \/echo, .*“Pay bob 20 EUR\.” → 200, .*\n +alice reads .*Pay bob 20 EUR\..*\n +changed on the way +the API refused it/,
    /POST \/\.well-known\/cale\/sealed, .* → 200, .*\n.*\n +alice reads .*Pay bob 20 EUR\./,
    /revokes alice’s GUID\n.* → 200, .*\n +alice +unreadable/,
  ]) {
    expect(stdout).toMatch(told);
  }
});

test('the demo has colours where they are asked for, and prints every message with --verbose', async () => {
  const { code, stdout } = await run(VERBOSE, { FORCE_COLOR: '1' });
  expect(code).toBe(0);
  expect(stdout).toContain(ESCAPE);
  for (const field of ['cale-pem: "', 'cale-admit: ?1', 'cale-identity: cn="alice"', 'signature: cale=:']) {
    expect(stdout).toContain(field);
  }
  expect(stdout).toContain('All flows went as the draft has them.');
});

test('the demo refuses an argument that it does not know', async () => {
  const { code, stderr } = await run(VERBOSE.slice(0, -1));
  expect(code).toBe(1);
  expect(stderr).toMatch(/--verbos[\s\S]*Usage: npm run demo \[-- --verbose\]/);
});

describe('a story that is not true', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.close());

  const tell = (told: Pick<Stage, 'url' | 'passages'>): Promise<void> => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    return tellStory(told, () => {}).finally(() => vi.restoreAllMocks());
  };

  test.each([
    ['the edge has the answer in the clear', 'origin', 'edge', '1,284.50 EUR', '“1,284.50” could be read on the way'],
    ['the edge has the sealed request in the clear', 'edge', 'origin', PAYMENT, '“Pay bob 20 EUR.” could be read'],
  ])('%s', async (_, from, to, body, reason) => {
    // A message as a tap sees it, while the exchange in question is going on.
    const leaked = { tap: true, from, to, kind: 'answer', line: '200', headers: {}, body } as const;
    const leaking = { url: stage.url, passages: async () => [...(await stage.passages()), leaked] };
    await expect(tell(leaking)).rejects.toThrow(reason);
  });

  test('nothing is seen behind the API', async () => {
    const blind = { url: stage.url, passages: async () => [] };
    await expect(tell(blind)).rejects.toThrow('the balance was not found where it is in the clear');
  });
});
