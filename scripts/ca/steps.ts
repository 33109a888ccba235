/** The commands: each makes a new state, and says what is to be deployed and what comes next. */

import type { OriginUse } from '../certificates.ts';
import { type Draft, requireKey } from './draft.ts';
import { CaError } from './error.ts';
import { isSelfSigned, type Key, type KeyState, type Kind, keysOf, moveKeys, ORIGIN_KINDS, withKeys } from './state.ts';

/** Makes everything that a deployment begins with. */
export async function init(draft: Draft): Promise<string> {
  await draft.addRoot('used');
  await fill(draft);
  return `The first time, deploy as docs/operations.md says. Keep secrets/root-1.key and its passphrase off every server.`;
}

/** Makes a further key, which no party hears of before a rotation takes it. */
export async function issue(draft: Draft, kind: Exclude<Kind, 'root'>): Promise<string> {
  await add(draft, kind, 'made');
  return `It is not used yet. The next rotation takes it: npm run ca -- rotate ${kind}`;
}

const WAIT = `Wait until it is deployed everywhere, and ten minutes more. Then once more:`;

/** Does the next step of a rotation. */
export async function rotate(draft: Draft, kind: Kind): Promise<string> {
  assertOneRotation(draft, kind);
  const again = `${WAIT} npm run ca -- rotate ${kind}`;
  const moved: readonly Kind[] = kind === 'root' ? ['root', 'issuing'] : [kind];
  if (keysOf(draft.state, kind, 'next').length > 0) {
    for (const each of moved) promote(draft, each);
    return `Step 2 of 3: ${namesOf(draft, kind, 'used')} is used from now on; the one before it is still trusted.\n${again}`;
  }
  const leaving = moved.flatMap((each) => keysOf(draft.state, each, 'old'));
  if (leaving.length > 0) {
    draft.state = withKeys(draft.state, ...leaving.map((key) => ({ ...key, state: 'out' as const })));
    return `Step 3 of 3. Out of use: ${leaving.map(({ name }) => name).join(', ')}.\n${DELETE}`;
  }
  await publishNext(draft, kind);
  const known = kind === 'encryption' ? 'known to the origin' : 'published';
  return `Step 1 of 3: ${namesOf(draft, kind, 'next')} is ${known}, and not used yet.\n${again}`;
}

const DELETE = 'When it is deployed, the rotation is done. Delete the private keys that are out of use.';

function promote(draft: Draft, kind: Kind): void {
  draft.state = moveKeys(draft.state, kind, 'used', 'old');
  draft.state = moveKeys(draft.state, kind, 'next', 'used');
}

const namesOf = ({ state }: Draft, kind: Kind, of: KeyState): string =>
  keysOf(state, kind, of)
    .map(({ name }) => name)
    .join(', ');

/** A root brings issuing keys of its own: both are rotated by the one command. */
function assertOneRotation({ state }: Draft, kind: Kind): void {
  const other = { root: 'issuing', issuing: 'root' }[kind as string] as Kind | undefined;
  if (other === undefined) return;
  const isUnderWay = (of: Kind) => keysOf(state, of, 'next', 'old').length > 0;
  // The first rotation of a root takes an issuing key out that had none.
  const isOfRoot = isUnderWay('root') || keysOf(state, 'issuing', 'old').some(isSelfSigned);
  const underWay = isOfRoot ? 'root' : isUnderWay('issuing') ? 'issuing' : kind;
  if (underWay !== kind)
    throw new CaError(`A rotation is under way: end it first, by npm run ca -- rotate ${underWay}`);
}

async function publishNext(draft: Draft, kind: Kind): Promise<void> {
  if (kind === 'root') {
    await draft.addRoot('next', trustedKey(draft));
    await draft.addIssuing('next');
  } else {
    await takeMade(draft, kind, 'next');
  }
  await draft.certifyOriginKeys();
}

/** The key that clients trust: the root in use, or an authority that is its own root. */
function trustedKey({ state }: Draft): Key | undefined {
  return [...keysOf(state, 'root', 'used'), ...keysOf(state, 'issuing', 'used').filter(isSelfSigned)][0];
}

/** Gives the key that was made before the state, or makes one. */
async function takeMade(draft: Draft, kind: Exclude<Kind, 'root'>, state: KeyState): Promise<void> {
  const [made] = keysOf(draft.state, kind, 'made').filter((key) => kind !== 'issuing' || isOfLiveRoot(draft, key));
  if (made === undefined) await add(draft, kind, state);
  else draft.state = withKeys(draft.state, { ...made, state });
}

const isOfLiveRoot = ({ state }: Draft, { certificates }: Key): boolean =>
  keysOf(state, 'root', 'used').some(({ name }) => certificates[name] !== undefined);

const add = (draft: Draft, kind: Exclude<Kind, 'root'>, state: KeyState): Promise<void> =>
  kind === 'issuing' ? draft.addIssuing(state) : draft.addOriginKey(kind as OriginUse, state);

/** Takes a stolen key out at once, with all that it certified, and puts others in their place. */
export async function revoke(draft: Draft, name: string): Promise<string> {
  const key = requireKey(draft.state, name);
  if (key.state === 'revoked') throw new CaError(`${name} is revoked already.`);
  const before = trustedKey(draft);
  draft.state = withKeys(draft.state, { ...key, state: 'revoked' });
  const isAuthority = key.kind === 'root' || key.kind === 'issuing';
  if (key.state === 'made') return `${name} was known to no party: there is nothing to deploy.`;
  if (isAuthority) {
    const certified = keysOf(draft.state, 'issuing', 'made', 'next', 'used', 'old');
    const below = certified.filter(({ certificates }) => certificates[name] !== undefined);
    draft.state = withKeys(draft.state, ...below.map((each) => ({ ...each, state: 'out' as const })));
    // Clients forget an authority when they meet a key that they do not know: so the origin signs with another one.
    draft.state = moveKeys(draft.state, 'signing', 'used', 'out');
    if (keysOf(draft.state, 'root', 'used').length === 0) await replaceRoot(draft, before);
  }
  await fill(draft);
  return OUTCOMES[key.kind];
}

async function replaceRoot(draft: Draft, before: Key | undefined): Promise<void> {
  if (keysOf(draft.state, 'root', 'next').length > 0) promote(draft, 'root');
  else await draft.addRoot('used', before);
}

/** Puts a key in use where there is none: the one that is coming, one that was made, or a new one. */
async function fill(draft: Draft): Promise<void> {
  for (const kind of ['issuing', ...ORIGIN_KINDS] as const) {
    if (keysOf(draft.state, kind, 'used').length > 0) continue;
    if (keysOf(draft.state, kind, 'next').length === 0) await takeMade(draft, kind, 'used');
    else promote(draft, kind);
    // The issuing key that was coming is that of the root that was.
    if (kind === 'issuing' && keysOf(draft.state, 'root', 'next').length > 0) promote(draft, 'root');
  }
  await draft.certifyOriginKeys();
}

const KEPT = `A client that is kept from the new certificates, by a party on its way to the edge, believes the stolen key
until its certificate ends: npm run ca -- show`;

const OUTCOMES: Readonly<Record<Kind, string>> = {
  root: `Until all is deployed, requests can get 503. Then clients follow to the new root at their next answer, and forget
the stolen one. Tell them the new fingerprint.
${KEPT}`,
  issuing: `Until all is deployed, requests can get 503. Then the origin refuses every certificate by the stolen key, and
clients forget it at their next answer.
${KEPT}`,
  signing: `When it is deployed, clients forget the stolen key at their next answer.
${KEPT}`,
  encryption: `When it is deployed, clients seal their requests to the new key. Requests to the old one that were recorded
can be read with it.`,
};
