/** npm run ca: the keys and certificates of a deployment, in the folder secrets/, which is never committed. */

import { parseArgs } from 'node:util';
import { tooLong, writeBundles } from './ca/bundles.ts';
import { Draft } from './ca/draft.ts';
import { CaError } from './ca/error.ts';
import { hasState, loadState, saveState } from './ca/folder.ts';
import { describeChanges, show } from './ca/show.ts';
import { KINDS, type Kind } from './ca/state.ts';
import { init, issue, revoke, rotate } from './ca/steps.ts';

const USAGE = `npm run ca -- init [--organization example.com]
npm run ca -- issue issuing | signing | encryption      a further key, for a later rotation
npm run ca -- rotate issuing | signing | encryption | root      the next step of a rotation
npm run ca -- revoke NAME      takes a stolen key out at once
npm run ca -- show

  --days N   that new certificates last; by default 397, which is the most for an origin's. A root lasts 7300.

All is in secrets/: keys (.key), certificates (.pem), and in secrets/deploy/ the secrets of each Worker. The root's key
has a passphrase: CALE_CA_PASSPHRASE, or else it is asked for.`;

const MAX_DAYS = 7300;

async function main(): Promise<void> {
  const { positionals, values } = parse();
  const [command, name, ...others] = positionals;
  const days = daysOf(values.days);
  if (others.length > 0) throw new UsageError();
  if (command === 'show' && name === undefined) {
    console.log(await show(new Draft(loadState(), days)));
  } else if (command === 'init' && name === undefined) {
    if (hasState())
      throw new CaError('There is an authority in secrets/ already. Move the folder away to make another.');
    const organization = values.organization ?? 'example.com';
    if (!/^[a-z0-9.-]+$/i.test(organization)) throw new CaError('--organization is a domain, such as example.com.');
    await change(new Draft({ organization, keys: [] }, days), init);
  } else if (name === undefined || values.organization !== undefined) {
    throw new UsageError();
  } else if (command === 'revoke') {
    await change(new Draft(loadState(), days), (draft) => revoke(draft, name));
  } else if (command === 'rotate' && isKind(name)) {
    await change(new Draft(loadState(), days), (draft) => rotate(draft, name));
  } else if (command === 'issue' && isKind(name) && name !== 'root') {
    await change(new Draft(loadState(), days), (draft) => issue(draft, name));
  } else {
    throw new UsageError();
  }
}

async function change(draft: Draft, how: (draft: Draft) => Promise<string>): Promise<void> {
  const { keys } = draft.state;
  const told = await how(draft);
  draft.writeFiles();
  const changes = await writeBundles(draft);
  // Last, so that after a crash the same command makes the same step once more.
  saveState(draft.state);
  const made = draft.state.keys.slice(keys.length).map(({ name }) => name);
  if (made.length > 0) console.log(`Made in secrets/: ${made.join(', ')}.`);
  if (changes.length > 0) console.log(describeChanges(changes));
  console.log(told);
  for (const sentence of tooLong(changes)) console.error(sentence);
}

const isKind = (text: string): text is Kind => (KINDS as readonly string[]).includes(text);

class UsageError extends Error {}

function parse() {
  try {
    return parseArgs({
      options: { organization: { type: 'string' }, days: { type: 'string' } },
      allowPositionals: true,
    });
  } catch {
    throw new UsageError();
  }
}

function daysOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MAX_DAYS) throw new CaError(`--days is a whole number from 1 to ${MAX_DAYS}.`);
  return days;
}

try {
  await main();
} catch (error) {
  const isInterrupted = error instanceof Error && error.name === 'ExitPromptError';
  if (error instanceof UsageError) console.error(USAGE);
  else if (error instanceof CaError) console.error(error.message);
  else if (isInterrupted) console.error('Nothing was done.');
  else throw error;
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
