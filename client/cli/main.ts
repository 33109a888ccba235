#!/usr/bin/env node
/** `cale`: the client for the shell. */

import { readFile } from 'node:fs/promises';
import { Command, CommanderError, Option } from 'commander';
import { KEY_TYPE_NAMES } from '../../shared/crypto/keys/key-types.ts';
import { CaleError } from '../errors.ts';
import { type AdminOptions, credentials, revoke } from './administration.ts';
import {
  type FetchOptions,
  fetchUrl,
  forget,
  list,
  type OpenOptions,
  openFile,
  type RegisterOptions,
  register,
  whoami,
} from './commands.ts';
import { type Common, UsageError } from './common.ts';
import { addProjectCommands } from './project.ts';

/** Exit codes: 0 all is well; 1 something else went wrong; 2 usage; 3 not readable; 4 refused; 5 not reached. */
const EXIT_CODES: Partial<Record<string, number>> = { unreadable: 3, 'not-trusted': 3, refused: 4, network: 5 };
/** Advice for a person at a terminal, by the edge's problem or the error's code. */
const HINTS: Partial<Record<string, string>> = {
  'identity-required': 'It does not take this user and password, or token.',
  'admin-token-required': "This is not the administrator's token.",
  unreadable: 'The credential may have been revoked: cale register --force makes another one.',
  'no-signing-key': 'cale register --force makes another account.',
};

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// Node's notices of which of its own features are experimental are nothing to whoever uses this command.
process.removeAllListeners('warning');

const program = new Command('cale')
  .description('Ask an API for answers that only your key can open (CALE).')
  .version(version)
  .showHelpAfterError('(cale --help says more)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Keys are kept in $CALE_HOME, or in the user's configuration directory, encrypted with a passphrase:
$CALE_PASSPHRASE, or one that is asked for.

Exit codes: 0 well, 1 failed, 2 usage, 3 the answer cannot be opened, 4 refused by the edge, 5 the edge is not reached.
An answer that was opened is well with every status of the origin: fetch -i shows it.`,
  );

/** Gathers an option that may be given more than once. */
const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Options that nearly all commands have. */
const withCommon = (command: Command): Command =>
  command
    .option('--account <name>', 'which of several accounts with one edge', 'default')
    .option('--json', 'print JSON, errors too');

withCommon(program.command('register').description('make a key and register it').argument('<edge>', 'URL of the edge'))
  .addOption(
    new Option('--basic <user:password>', 'proof of identity; of a user without password it is asked for').conflicts(
      'bearer',
    ),
  )
  .addOption(new Option('--bearer <token>', 'proof of identity by a token'))
  .addOption(new Option('--key <type>', 'type of the key').choices(KEY_TYPE_NAMES).default('P-256'))
  .option('--subject <text>', 'common name: what the device says of itself', '')
  .option('--authority <pem file or fingerprint>', 'trust only this authority')
  .option('--owner <name>', 'fail unless the key is registered for this owner')
  .option('--force', 'in place of an account of that name')
  .action((edge: string, options: RegisterOptions) => register(edge, options));

withCommon(program.command('fetch').description('ask, and print the body').argument('<url>', 'under a registered edge'))
  .option('-X, --request <method>', 'method; by default GET, and POST with -d')
  .option('-d, --data <data>', 'body; @ and a name for that of a file')
  .option('-H, --header <line>', 'header field, "Name: value"; may be given more than once', collect)
  .option('--seal', 'seal the request, so that only the origin reads it')
  .option('-i, --include', "print the answer's status and header fields before the body")
  .option('--raw', 'print the CMS as it came, in DER')
  .action((url: string, options: FetchOptions) => fetchUrl(url, options));

withCommon(program.command('whoami').description('who the edge takes you for'))
  .option('--edge <url>', 'which edge, where there is more than one')
  .option('--pem', 'print the certificate')
  .action((options: Common & { edge?: string; pem?: boolean }) => whoami(options));

program
  .command('list')
  .description('the accounts that are kept here')
  .option('--json', 'print JSON, errors too')
  .action((options: Common) => list(options));

withCommon(
  program.command('forget').description('remove an account and its key').argument('<edge>', 'URL of the edge'),
).action((edge: string, options: Common) => forget(edge, options));

withCommon(
  program
    .command('open')
    .description('open a saved answer')
    .argument('<file>', 'CMS in DER or base64; - for standard input'),
)
  .option('--edge <url>', 'of which edge, where there is more than one')
  .option('--allow-unauthenticated', 'open AES-CBC too, which anybody on the way can have altered')
  .action((file: string, options: OpenOptions) => openFile(file, options));

const withAdmin = (command: Command): Command =>
  command
    .argument('<edge>', 'URL of the edge')
    .addOption(new Option('--token <token>', "administrator's token").env('CALE_ADMIN_TOKEN').makeOptionMandatory())
    .option('--json', 'print JSON, errors too');

withAdmin(program.command('revoke').description('for operators: revoke credentials'))
  .addOption(new Option('--guid <guid>', 'this credential').conflicts(['owner', 'before']))
  .addOption(new Option('--owner <name>', 'all credentials of an owner').conflicts(['guid', 'before']))
  .addOption(new Option('--before <date>', 'all that were registered before (RFC 3339)').conflicts(['guid', 'owner']))
  .action((edge: string, options: AdminOptions) => revoke(edge, options));

withAdmin(program.command('credentials').description("for operators: an owner's credentials"))
  .requiredOption('--owner <name>', 'whose')
  .action((edge: string, options: AdminOptions) => credentials(edge, options));

addProjectCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--json'));
}

/** Says what went wrong, without a word of secrets. @returns the exit code. */
function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isKnown = error instanceof CaleError;
  const code = isKnown ? error.code : error instanceof UsageError ? 'usage' : 'failed';
  const hint = isKnown ? HINTS[error.refusal?.problem ?? code] : undefined;
  const message = [error instanceof Error ? error.message : String(error), ...(hint ? [hint] : [])].join(' ');
  if (json) console.error(JSON.stringify({ error: code, message, ...(isKnown && error.refusal) }));
  else console.error(`cale: ${message}`);
  return code === 'usage' ? 2 : (EXIT_CODES[code] ?? 1);
}
