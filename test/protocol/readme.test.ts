/** README.md: its commands are run as they stand there and print what it says, and its programs are those of examples/. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { blocksOf } from '../support/blocks.ts';
import { type DevServer, startDev } from '../support/dev-server.ts';

const EDGE = 'http://127.0.0.1:8787';
const block = blocksOf('README.md');
const read = (path: string) => readFile(join(ROOT, path), 'utf8');

let folder: string;
let edge: DevServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-readme-'));
  edge = await startDev([]);
});
afterAll(async () => {
  await edge.end();
  await rm(folder, { recursive: true });
});

/** Runs commands in the folder, against the edge here and with the command as it is in this repository. */
async function run(commands: string): Promise<string> {
  const cale = `${process.execPath} --disable-warning=ExperimentalWarning ${join(ROOT, 'client/cli/main.ts')}`;
  const here = commands.replaceAll(EDGE, edge.url.origin).replaceAll('npx cale', cale);
  expect(here).not.toBe(commands);
  await writeFile(join(folder, 'block.sh'), `set -eu\n${here}`);
  const env = { ...process.env, CALE_HOME: join(folder, 'home') };
  return (await promisify(execFile)('sh', ['block.sh'], { cwd: folder, env })).stdout.trim();
}

test('its first commands are scripts of the package', async () => {
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
  const [install, ...others] = block('npm ci').text.trim().split('\n');
  expect(install).toBe('npm ci');
  for (const command of others) expect(scripts).toHaveProperty(command.replace('npm run ', ''));
});

test('npm run demo prints the chapters that it shows, with other bytes', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'demo'], { cwd: ROOT });
  const masked = (text: string) =>
    text.replaceAll(/\b[0-9a-f]{8}(?=…)/g, 'GUID').replaceAll(/(?:[0-9a-f]{2} )+…/g, 'bytes');
  expect(masked(stdout)).toContain(masked(block('alice asks for her balance').text.trim()));
});

test('npm run dev prints what it shows', () => {
  const shown = block('CALE runs on').text.trim().replaceAll(EDGE, edge.url.origin).split('\n');
  for (const line of shown) expect(edge.output()).toContain(line);
});

describe('in a shell', () => {
  test('curl and openssl read, ask who they are, and find themselves revoked', async () => {
    const [first, second] = [block('openssl genpkey'), block('openssl verify')];
    const printed = await run(`${first.text}printf '\\n---\\n'\n${second.text}`);
    expect(printed.split('\n---\n')).toEqual([first.prints, second.prints]);
  });

  test('the command registers, reads, writes and says who it is', async () => {
    const printed = await run(block('npx cale whoami').text);
    expect(printed).toContain('{"owner":"alice","balance":"1,284.50 EUR"}');
    expect(printed).toContain('{"owner":"alice","method":"POST","body":"Pay bob 20 EUR."}');
    expect(printed).toMatch(/owner:? +alice/);
  });
});

test('the command for an API that is there is that of the gateway’s page', async () => {
  expect(await read('docs/gateway.md')).toContain(block('--upstream').text.trim());
});

test('the commands with Python are those of its page, which are run too', async () => {
  const page = await read('examples/python/README.md');
  const commands = block('python3').text.trim().split('\n');
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands) expect(page).toContain(command);
});

test.each([
  ["import { CaleClient } from 'cale-workers/client'", 'web-page/main.ts'],
  ["from 'cale-workers/authority'", 'one-worker/index.ts'],
  ['seal(new Hono<CaleEnv>()', 'one-worker/index.ts'],
])('the program with %s is a part of %s, which is run too', async (part, path) => {
  expect(await read(`examples/${path}`)).toContain(block(part).text.trim());
});
