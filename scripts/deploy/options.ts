/** The flags of `npm run deploy`, and those of `cale deploy`, which are most of them. */

import { parseArgs } from 'node:util';
import { DeployError } from './error.ts';

export interface Flag {
  readonly name: string;
  /** What stands behind it; undefined for a switch. */
  readonly value?: string;
  readonly text: string;
}

/** Those of every project. */
export const FLAGS: readonly Flag[] = [
  { name: 'dry-run', text: 'builds and checks everything, and says what it would do; needs no account' },
  {
    name: 'env',
    value: 'NAME',
    text: 'another deployment beside production, which shares nothing with it, such as staging',
  },
  {
    name: 'organization',
    value: 'DOMAIN',
    text: 'the domain of your organisation, the DC of every certificate',
  },
  { name: 'user', value: 'NAME', text: 'the first user, whose password is made' },
  {
    name: 'location',
    value: 'HINT',
    text: 'where the shards are to be: wnam enam sam weur eeur apac apac-ne apac-se oc afr me, or none',
  },
  { name: 'jurisdiction', value: 'NAME', text: 'the law that the shards are to be under: eu, fedramp, or none' },
  { name: 'url', value: 'URL', text: "the edge's address, where it is not at workers.dev" },
  { name: 'no-test', text: 'leaves out the last test, by a client at the deployed edge' },
  { name: 'read', value: 'PATH', text: 'what the last test reads' },
  { name: 'write', value: 'PATH', text: 'what it writes to by POST; none: nothing' },
];

const REPOSITORY_FLAGS: readonly Flag[] = [
  { name: 'gateway', text: 'deploys the gateway in place of the demo API' },
  { name: 'single', text: 'deploys all parties with the demo API in one Worker, for trying out' },
];

const ALL_FLAGS = [...FLAGS, ...REPOSITORY_FLAGS];

const line = ({ name, value = '', text }: Flag): string => `  --${`${name} ${value}`.padEnd(21)}${text}`;

export const USAGE = `npm run deploy -- [flags]

${ALL_FLAGS.map(line).join('\n')}

What is asked once is kept in secrets/deployment.json. The last test reads /balance and writes to /echo by default. wrangler
logs in to your account: npx wrangler login.`;

/** A name that Workers, namespaces and folders can have in theirs. */
const NAME = /^[a-z][a-z0-9-]{0,19}$/;

/** Of every project. Texts are those of the flags. */
export interface DeployOptions {
  readonly isDryRun: boolean;
  readonly isNotTested: boolean;
  readonly env?: string;
  readonly organization?: string;
  readonly user?: string;
  readonly location?: string;
  readonly jurisdiction?: string;
  readonly url?: string;
  readonly read?: string;
  readonly write?: string;
}

export interface RepositoryOptions extends DeployOptions {
  readonly isHelp: boolean;
  readonly hasGateway: boolean;
  readonly isSingle: boolean;
}

/** @throws {DeployError} when a flag is none of these, or has a value that is none of its kind. */
export function parseOptions(args: readonly string[]): RepositoryOptions {
  const {
    'dry-run': isDryRun = false,
    'no-test': isNotTested = false,
    help: isHelp = false,
    gateway: hasGateway = false,
    single: isSingle = false,
    ...values
  } = parse(args);
  if (hasGateway && isSingle) throw new DeployError('--single has the demo API in it: leave out --gateway.');
  return { ...checkOptions({ isDryRun, isNotTested, ...values }), isHelp, hasGateway, isSingle };
}

/** @throws {DeployError} when a value is none of its kind. */
export function checkOptions(options: DeployOptions): DeployOptions {
  const { env, url } = options;
  if (env !== undefined && !NAME.test(env)) {
    throw new DeployError(`--env is a name of small letters, digits and hyphens, not ${env}.`);
  }
  if (url !== undefined && !URL.canParse(url)) throw new DeployError(`--url is no URL: ${url}`);
  return options;
}

interface Values extends Omit<DeployOptions, 'isDryRun' | 'isNotTested'> {
  readonly 'dry-run'?: boolean;
  readonly 'no-test'?: boolean;
  readonly help?: boolean;
  readonly gateway?: boolean;
  readonly single?: boolean;
}

function parse(args: readonly string[]): Values {
  const options = ALL_FLAGS.map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' }]);
  const help = { type: 'boolean', short: 'h' } as const;
  try {
    return parseArgs({ args: [...args], options: { ...Object.fromEntries(options), help } }).values as Values;
  } catch (cause) {
    throw new DeployError(`${cause instanceof Error ? cause.message : 'unknown reason'}\n\n${USAGE}`);
  }
}
