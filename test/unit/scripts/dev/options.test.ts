import { describe, expect, test } from 'vitest';
import { DevError, parseOptions } from '../../../../scripts/dev/options.ts';
import { parseUpstream } from '../../../../scripts/dev/upstream.ts';

test('flags of its own are read, and all others are for wrangler', () => {
  const args = [
    '--persist-to',
    'DIR',
    '--upstream',
    'http://localhost:5005',
    '--port=9000',
    '--verbose',
    '--inspector-port=1',
  ];
  expect(parseOptions(args)).toEqual({
    upstream: 'http://localhost:5005',
    isVerbose: true,
    isHelp: false,
    ip: '127.0.0.1',
    port: 9000,
    vars: new Map(),
    others: ['--persist-to', 'DIR', '--inspector-port=1'],
  });
  expect(parseOptions([])).toMatchObject({ upstream: undefined, isVerbose: false, port: 8787, others: [] });
  expect(parseOptions(['-h'])).toMatchObject({ isHelp: true });
});

test('variables are read in each way of writing them; the last of a name counts', () => {
  const { vars, others } = parseOptions([
    '--var',
    'A:1',
    'B:x:y=z',
    '--var=C:=',
    '--var',
    'A:2',
    '--local',
    '--var',
    'D:',
  ]);
  expect(Object.fromEntries(vars)).toEqual({ A: '2', B: 'x:y=z', C: '=', D: '' });
  expect(others).toEqual(['--local']);
});

describe('is one sentence:', () => {
  test.each([
    [['--upstream'], '--upstream needs a value.'],
    [['--upstream='], '--upstream needs a value.'],
    [['--var'], '--var needs a value.'],
    [['--var', 'A=1'], '--var must be NAME:VALUE, not A=1.'],
    [['--port', '0'], '--port must be a number from 1 to 65535, not 0.'],
    [['--port', '65536'], '--port must be a number'],
    [['--port', 'x'], '--port must be a number'],
  ])('%o', (args, sentence) => {
    expect(() => parseOptions(args)).toThrow(DevError);
    expect(() => parseOptions(args)).toThrow(sentence);
  });

  test.each([
    ['localhost:5005', 'did you mean http://localhost:5005?'],
    [':5005', 'did you mean http://localhost:5005?'],
    ['5005', 'did you mean http://localhost:5005?'],
    ['api/v1', 'did you mean http://api/v1?'],
    ['http://localhost:5005/?a', 'without user, query and fragment'],
    ['http://user:secret@localhost', 'without user, query and fragment'],
    ['ftp://localhost', '--upstream must be a URL such as http://localhost:5005'],
    ['http://', '--upstream must be a URL'],
  ])('--upstream %s', (text, part) => {
    expect(() => parseUpstream(text)).toThrow(DevError);
    expect(() => parseUpstream(text)).toThrow(part);
  });

  test('and --upstream with a URL is none', () => {
    expect(parseUpstream('https://localhost:5005/v1').href).toBe('https://localhost:5005/v1');
  });
});
