import { describe, expect, test } from 'vitest';
import { OutputFilter } from '../../../../scripts/dev/output.ts';

/** @returns what is shown of the lines. */
function shown(phase: OutputFilter['phase'], ...lines: string[]): string[] {
  const filter = new OutputFilter();
  filter.phase = phase;
  return lines.map((line) => filter.line(line)).filter((line) => line !== undefined);
}

const RED = '\x1b[31m✘ \x1b[41;31m[\x1b[41;97mERROR\x1b[41;31m]\x1b[0m \x1b[1m';

describe('of what wrangler says of itself', () => {
  const TALK = [
    '',
    ' ⛅️ wrangler 4.156.2 (update available 4.164.0)',
    '───────────────────────',
    'Using secrets defined in .dev.vars',
    'cale-edge has access to the following bindings:',
    'Binding                                           Resource                  Mode',
    'env.AUTHORITY (cale-authority)                    Worker                    local [not connected]',
    'env.ORGANIZATION ("example.com")                  Environment Variable      local',
    'Service bindings, Durable Object bindings, and Tail consumers connect to other Wrangler or Vite dev processes',
    '\x1b[33m▲ \x1b[43;33m[\x1b[43;30mWARNING\x1b[43;33m]\x1b[0m \x1b[1mScheduled Workers are not automatically triggered during local development.\x1b[0m',
    '  To manually trigger a scheduled event, run:',
    '    curl "http://127.0.0.1:8787/cdn-cgi/local/scheduled"',
    '⎔ Starting local server...',
    '[wrangler:info] Ready on http://127.0.0.1:8787',
    '[custom build] Running: node scripts/build-page.ts',
    '⎔ Local server updated and ready',
    '🪵  Logs were written to "wrangler.log"',
  ];

  test.each(['starting', 'running', 'ending'] as const)('nothing is shown: %s', (phase) => {
    expect(shown(phase, ...TALK)).toEqual([]);
  });
});

test('requests are shown while it runs', () => {
  expect(shown('running', '[wrangler:info] GET /balance 200 OK (7ms)')).toEqual(['GET /balance 200 OK (7ms)']);
  expect(shown('starting', '[wrangler:info] GET /balance 200 OK (7ms)')).toEqual([]);
  expect(shown('running', '[wrangler:info] HEAD /.well-known/cale 200 OK (7ms)')).toEqual([]);
});

test('what Workers log is shown', () => {
  expect(
    shown(
      'running',
      '[cale-authority] {"event":"registered","owner":"alice"}',
      '[cale-authority] {"event":"request","party":"authority","outcome":"answered","status":200}',
      '▲ [WARNING] {"event":"request-refused","reason":"scope-missing"}',
      '',
      `${RED}{"event":"request-failed","reason":"x"}\x1b[0m`,
      '',
      'a line of one',
      '  and its second line',
    ),
  ).toEqual([
    '[cale-authority] {"event":"registered","owner":"alice"}',
    '{"event":"request-refused","reason":"scope-missing"}',
    '{"event":"request-failed","reason":"x"}',
    'a line of one',
    '  and its second line',
  ]);
});

test.each(['starting', 'running'] as const)('errors are shown, with where they are: %s', (phase) => {
  expect(
    shown(
      phase,
      `${RED}Could not resolve "./nowhere.ts"\x1b[0m`,
      '',
      '    workers/edge/index.ts:1:7:',
      '⎔ Starting local server...',
      '[wrangler:error] TypeError: x is not a function',
      '    at Object.fetch (file:///index.ts:1:2)',
    ),
  ).toEqual([
    'Could not resolve "./nowhere.ts"',
    '    workers/edge/index.ts:1:7:',
    'TypeError: x is not a function',
    '    at Object.fetch (file:///index.ts:1:2)',
  ]);
});

test('a bad setting is a sentence', () => {
  expect(
    shown(
      'starting',
      `${RED}service core:user:cale-gateway: Uncaught Error: ConfigError: UPSTREAM is missing: set it.\x1b[0m`,
      '',
      '    at null.<anonymous> (index.js:12:20)',
      '',
      `${RED}The Workers runtime failed to start. There was likely a problem with the workerd binary.\x1b[0m`,
      '',
      '  Runtime stderr:',
      '  {"message":"service core:user:cale-gateway: Uncaught Error: ConfigError: UPSTREAM is missing"}',
      'If you think this is a bug then please create an issue at',
    ),
  ).toEqual(['cale-gateway does not start: UPSTREAM is missing: set it.']);
});
