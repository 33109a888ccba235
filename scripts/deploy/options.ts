/** The flags of `npm run deploy`. */

import { parseArgs } from 'node:util';
import { DeployError } from './error.ts';

export const USAGE = `npm run deploy -- [flags]

  --dry-run              builds and checks everything, and says what it would do; needs no account
  --env NAME             another deployment beside production, which shares nothing with it, such as staging
  --organization DOMAIN  the domain of your organisation, the DC of every certificate
  --user NAME            the first user, whose password is made and printed
  --location HINT        where the shards are to be: wnam enam sam weur eeur apac apac-ne apac-se oc afr me, or none
  --jurisdiction NAME    the law that the shards are to be under: eu, fedramp, or none
  --gateway              deploys the gateway in place of the demo API
  --url URL              the edge's address, where it is not at workers.dev
  --no-test              leaves out the last test, by a client at the deployed edge
  --read PATH            what the last test reads, /balance by default
  --write PATH           what it writes to by POST, /echo by default; none: nothing

What is asked once is kept in secrets/deployment.json. wrangler logs in to your account: npx wrangler login.`;

/** A name that Workers, namespaces and folders can have in theirs. */
const NAME = /^[a-z][a-z0-9-]{0,19}$/;

const OPTIONS = {
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  gateway: { type: 'boolean' },
  'no-test': { type: 'boolean' },
  env: { type: 'string' },
  organization: { type: 'string' },
  user: { type: 'string' },
  location: { type: 'string' },
  jurisdiction: { type: 'string' },
  url: { type: 'string' },
  read: { type: 'string' },
  write: { type: 'string' },
} as const;

export type DeployOptions = ReturnType<typeof parseOptions>;

/** @throws {DeployError} when a flag is none of these, or has a value that is none of its kind. */
export function parseOptions(args: readonly string[]) {
  const {
    'dry-run': isDryRun = false,
    'no-test': isNotTested = false,
    help: isHelp = false,
    gateway: hasGateway = false,
    ...values
  } = parse(args);
  if (values.env !== undefined && !NAME.test(values.env)) {
    throw new DeployError(`--env is a name of small letters, digits and hyphens, not ${values.env}.`);
  }
  if (values.url !== undefined && !URL.canParse(values.url)) throw new DeployError(`--url is no URL: ${values.url}`);
  return { isDryRun, isNotTested, isHelp, hasGateway, ...values };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    throw new DeployError(`${cause instanceof Error ? cause.message : 'unknown reason'}\n\n${USAGE}`);
  }
}
