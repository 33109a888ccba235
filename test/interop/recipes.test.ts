/** The clients in `examples/`: the commands of their pages are run against all Workers, and print what the pages say. */

import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createAuthority } from '../../scripts/certificates.ts';
import { ROOT } from '../../scripts/workers.ts';
import { readBlocks } from '../support/blocks.ts';
import { type Deceit, startEdgeBetween } from '../support/edge-between.ts';
import { absenceOf, EXAMPLES, isSkipped } from '../support/examples.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import type {} from '../support/scratch.ts';

let harness: Harness;
let edge: string;
beforeAll(async () => {
  harness = await startHarness();
  edge = new URL(harness.url).origin;
});
afterAll(() => harness.server.close());

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(commands: string, directory: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-euc', commands], { cwd: directory }, (error, stdout, stderr) => {
      // A code that is no number is that of the system: bash was not run.
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

for (const example of EXAMPLES) {
  const { language, folder, program, account, command } = example;
  const source = join(ROOT, 'examples', folder);
  const [block, ...others] = readBlocks(`examples/${folder}/README.md`);
  if (block === undefined || others.length > 0) throw new Error(`the page of ${folder} has not one block`);
  const { text: commands, prints } = block;
  const commandsFor = (at: string): string => {
    const changes = [['http://127.0.0.1:8787', at], command] as const;
    for (const [from] of changes) expect(commands).toContain(from);
    return changes.reduce((text, [from, to]) => text.replaceAll(from, to), commands);
  };
  /** A folder with the program and nothing else. */
  const workplace = (): string => {
    const directory = mkdtempSync(join(inject('scratch'), 'example-'));
    copyFileSync(join(source, program), join(directory, program));
    return directory;
  };

  describe.skipIf(isSkipped(example))(`the client in ${language}`, () => {
    beforeAll(() => {
      if (example.absent !== undefined) throw new Error(absenceOf(example));
    });

    test('registers, reads and writes as its page says, until it is revoked', async () => {
      const directory = workplace();
      const { code, stdout, stderr } = await run(commandsFor(edge), directory);
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${prints}\n` });
      expect(stderr).toMatch(/^Registered: .*alice.*\n$/);
      expect(statSync(join(directory, account)).mode & 0o777).toBe(0o600);

      const [guid] =
        /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(readFileSync(join(directory, account), 'utf8')) ?? [];
      const headers = { Authorization: 'Bearer admin' };
      const revoked = await harness.server.fetch(`/admin/credentials/${guid}`, { method: 'DELETE', headers });
      expect(await revoked.json()).toEqual({ revoked: 1 });
      expect(await run(commandsFor(edge), directory)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'The answer cannot be opened: the credential was revoked or is not known, or the answer was altered.\n',
      });
    });

    test('believes no authority but the one that its edge named', async () => {
      const directory = workplace();
      const { certificate } = await createAuthority('another authority');
      const document = (of: object) => ({ ...of, authorityCertificates: [certificate] });
      const between = await startEdgeBetween(harness, { document });
      expect(await run(commandsFor(between), directory)).toEqual({
        code: 1,
        stdout: '',
        stderr: 'The certificate of whoami is not one of the authority, for this key and this request.\n',
      });
      expect(existsSync(join(directory, account))).toBe(false);
    });

    test('believes only what an origin signed for its request', async () => {
      const directory = workplace();
      let deceit: Deceit = {};
      const between = await startEdgeBetween(harness, {
        path: (path) => deceit.path?.(path) ?? path,
        fields: (fields) => deceit.fields?.(fields) ?? fields,
      });
      const commands = commandsFor(between);
      expect((await run(commands, directory)).code).toBe(0);
      const reading = commands.replace(/\n[^\n]*hello\n?$/, '');
      const deceits: Deceit[] = [
        { path: (path) => path.replace('/resource', '/note') },
        // Without a nonce it has no signature.
        { fields: ({ 'cale-nonce': _, ...others }) => others },
      ];
      for (deceit of deceits) {
        expect(await run(reading, directory)).toEqual({
          code: 1,
          stdout: '',
          stderr: 'The answer is not signed by an origin of the authority, for this request and this key.\n',
        });
      }
    });
  });
}
