/** The whole trace: the flows of the draft, every message between the parties, and what clients read. */

import { styleText } from 'node:util';
import { expectUnreadable, Outside } from './outside.ts';
import type { Stage } from './stage.ts';
import { heading, note } from './transcript.ts';

/**
 * @param begin is called with the name of each flow when it begins.
 * @throws {Error} that says what did not go as the draft has it.
 */
export async function printTrace(stage: Pick<Stage, 'url' | 'passages'>, begin: (name: string) => void): Promise<void> {
  const step = (name: string) => {
    begin(name);
    heading(name);
  };
  note('edge', `listens on ${stage.url.origin}, the only party that can be reached from outside`);
  const outside = new Outside(stage);
  step('Initiation (draft 4.1): alice registers a phone with P-256');
  const alice = await outside.register('P-256', 'alice', 'wonderland');

  step('Initiation again: bob registers one with RSA-2048');
  const bob = await outside.register('RSA-2048', 'bob', 'builder');

  step('Standard request (draft 4.2): alice sends nothing but her GUID');
  const answer = await outside.resource(alice, 'alice');

  step('Standard request: bob too');
  await outside.resource(bob, 'bob');

  step("Another client, with a registered key of its own, has alice's answer");
  await expectUnreadable('bob', bob.key, answer);

  step('whoami (draft 4.3): alice asks who she is');
  await outside.whoami(alice, 'alice');

  step('An unknown GUID: the answer has the form of a real one');
  await expectUnreadable('client', alice.key, await outside.ask('/resource', crypto.randomUUID()));

  step('A write (draft 4.2): the client signs it, the authority admits its nonce once, the origin verifies');
  const client = await outside.connect('alice', 'wonderland');
  const body = JSON.stringify({ note: 'Remember the milk.' });
  await outside.exchange(client, '/echo', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });

  step('A sealed request: only the origin reads what is asked for');
  await outside.exchange(client, '/resource', { seal: true });

  step("Revocation (draft 4.4): an administrator revokes alice's phone");
  await outside.revoke(alice.guid);

  step('The next request is answered as one with an unknown GUID');
  await expectUnreadable('client', alice.key, await outside.ask('/resource', alice.guid));

  step('alice registers again, and can read again');
  await outside.resource(await outside.register('P-256', 'alice', 'wonderland'), 'alice');
  console.log(`\n${styleText('bold', 'All flows went as the draft has them.')}`);
}
