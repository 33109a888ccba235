/** npm run demo: plays the draft's flows against all Workers and prints what each party saw and the client read. */

import { styleText } from 'node:util';
import { readAuthorities } from '../shared/certificate/authority.ts';
import { isSignedBy } from '../shared/certificate/check.ts';
import { parseCertificate } from '../shared/certificate/parse.ts';
import { readIdentity } from '../shared/certificate/subject-alt-name.ts';
import { OpenError } from '../shared/cms/open.ts';
import { SUBJECT_ALT_NAME } from '../shared/der/oids.ts';
import { decodePemBlocks, encodePem } from '../shared/wire/pem.ts';
import { openStage, type Stage } from './demo/stage.ts';
import { cannotRead, heading, note, reads, showPassage } from './demo/transcript.ts';
import { Device, type DeviceKeyType } from './device.ts';

interface Registered {
  readonly device: Device;
  readonly guid: string;
}

class Demo {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Sends a request as a client, shows what passed, and returns the answer's body. */
  async #send(
    path: string,
    init: { method?: string; headers: Record<string, string>; body?: string },
  ): Promise<string> {
    const hop = { tap: true, from: 'client', to: 'edge' } as const;
    const line = `${init.method ?? 'GET'} ${path}`;
    showPassage({ ...hop, kind: 'request', line, headers: lowerCase(init.headers), body: init.body ?? '' });
    const response = await fetch(new URL(path, this.#stage.url), init);
    const body = await response.text();
    for (const passage of await this.#stage.passages()) showPassage(passage);
    const headers = Object.fromEntries(response.headers);
    showPassage({ ...hop, kind: 'answer', line: String(response.status), headers, body });
    expect(response.status === 200, `${path} was answered with ${response.status}`);
    return body;
  }

  async register(keyType: DeviceKeyType, user: string, password: string): Promise<Registered> {
    const device = await Device.create(keyType, `${user}'s phone`);
    note('client', `generates a key of ${keyType} and a CSR; the key never leaves it`);
    const answer = await this.#send('/registration', {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${user}:${password}`)}`, 'Content-Type': 'application/pkcs10' },
      body: encodePem('CERTIFICATE REQUEST', device.csr),
    });
    const guid = await device.open(answer);
    reads(guid);
    expect(/^[0-9a-f-]{36}$/.test(guid), 'the answer holds no GUID');
    return { device, guid };
  }

  ask(path: string, guid: string): Promise<string> {
    return this.#send(path, { headers: { 'CALE-GUID': guid } });
  }

  async resource({ device, guid }: Registered, owner: string): Promise<string> {
    const answer = await this.ask('/resource', guid);
    const content = await device.open(answer);
    reads(content);
    expect((JSON.parse(content) as { owner?: string }).owner === owner, `the answer is not for ${owner}`);
    return answer;
  }

  async whoami({ device, guid }: Registered, owner: string): Promise<void> {
    const document = await fetch(new URL('/.well-known/cale', this.#stage.url));
    await this.#stage.passages();
    const { authorityCertificates } = (await document.json()) as { authorityCertificates: string[] };
    const [authority] = readAuthorities(authorityCertificates.join(''));

    const pem = await device.open(await this.ask('/whoami', guid));
    reads(pem);
    const [der] = decodePemBlocks('CERTIFICATE', pem);
    expect(der !== undefined, 'the answer holds no certificate');
    const certificate = parseCertificate(der);
    const identity = readIdentity(certificate.extensions.get(SUBJECT_ALT_NAME)?.value ?? new Uint8Array());
    const { owner: name, organization, scopes } = identity;
    note('client', `finds ${name} of ${organization}, who may ${scopes.join(', ')}`);
    expect(name === owner, `the certificate is not for ${owner}`);
    expect(certificate.notAfter < Date.now(), 'the certificate has not expired');
    expect(await isSignedBy(certificate, authority), 'the authority has not signed the certificate');
    note('client', 'finds that it has expired, and that the authority of /.well-known/cale signed it');
  }

  async revoke(guid: string): Promise<void> {
    const headers = { Authorization: 'Bearer admin' };
    const answer = await this.#send(`/admin/credentials/${guid}`, { method: 'DELETE', headers });
    expect((JSON.parse(answer) as { revoked?: number }).revoked === 1, 'nothing was revoked');
  }
}

async function play(stage: Stage, step: (name: string) => void): Promise<void> {
  const demo = new Demo(stage);
  step('Initiation (draft 4.1): alice registers a phone with P-256');
  const alice = await demo.register('P-256', 'alice', 'wonderland');

  step('Initiation again: bob registers one with RSA-2048');
  const bob = await demo.register('RSA-2048', 'bob', 'builder');

  step('Standard request (draft 4.2): alice asks with nothing but her GUID');
  const answer = await demo.resource(alice, 'alice');

  step('Standard request: bob too');
  await demo.resource(bob, 'bob');

  step("Somebody who has alice's answer, and even a registered key of his own");
  await expectUnreadable(bob.device, answer);
  cannotRead('bob');

  step('whoami (draft 4.3): alice asks who she is');
  await demo.whoami(alice, 'alice');

  step('A GUID that nobody has: the answer has the form of a real one');
  await expectUnreadable(alice.device, await demo.ask('/resource', crypto.randomUUID()));
  cannotRead('client');

  step("Revocation (draft 4.4): an administrator revokes alice's phone");
  await demo.revoke(alice.guid);

  step('The very next request is answered as one with an unknown GUID');
  await expectUnreadable(alice.device, await demo.ask('/resource', alice.guid));
  cannotRead('client');

  step('alice registers anew, and reads again');
  await demo.resource(await demo.register('P-256', 'alice', 'wonderland'), 'alice');
}

async function expectUnreadable(device: Device, answer: string): Promise<void> {
  const outcome = await device.open(answer).catch((error: unknown) => error);
  expect(outcome instanceof OpenError, 'the answer could be read');
}

function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

let current = 'Starting the Workers';
let stage: Stage | undefined;
try {
  stage = await openStage();
  note('edge', `listens on ${stage.url.origin}, the only party that can be reached from outside`);
  await play(stage, (name) => {
    current = name;
    heading(name);
  });
  console.log(`\n${styleText(['bold', 'green'], 'All flows went as the draft has them.')}`);
} catch (error) {
  console.error(`\n${styleText(['bold', 'red'], `Failed at: ${current}`)}`);
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stage?.close();
}
