#!/usr/bin/env node
/** `cale`: the client for the shell. */

import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { KEY_TYPE_NAMES, type KeyType } from '../../shared/crypto/keys/key-types.ts';
import type { Common } from './accounts.ts';
import { type AdminOptions, credentials, revoke } from './administration.ts';
import { audit, status } from './audit.ts';
import { list, type RegisterOptions, register, whoami } from './commands.ts';
import type { AdminTokenOptions } from './credentials.ts';
import { type DevicesOptions, devices, forget, renew } from './devices.ts';
import { type FetchOptions, fetchUrl } from './fetch.ts';
import { useProxies } from './network.ts';
import { type OpenOptions, openFile } from './open.ts';
import { watchPipes } from './output.ts';
import { addProjectCommands } from './project.ts';
import { type ProxyOptions, proxy } from './proxy/proxy.ts';
import { exportCredentials, importCredentials, type RestoreOptions, reindex, restore } from './recovery.ts';
import { report } from './report.ts';
import type { DataPart } from './request.ts';

const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// Node's notices of which of its own features are experimental are nothing to whoever uses this command.
process.removeAllListeners('warning');
watchPipes();
const isJson = process.argv.includes('--json');

/** Commands that ask no edge. */
const OFFLINE = ['list', 'open', 'init', 'secrets'];

const program = new Command('cale')
  .description('Ask an API for answers that only your key can open (CALE).')
  .version(version)
  .showHelpAfterError('(cale --help says more)')
  .configureOutput(isJson ? { writeErr: () => undefined } : {})
  .exitOverride()
  .hook('preAction', async (_, command) => {
    if (!OFFLINE.includes(command.name())) await useProxies();
  })
  .addHelpText(
    'after',
    `
A URL without a scheme is one of https, and of http on this machine.

Keys are kept in $CALE_HOME, or in the user's configuration directory, encrypted with a passphrase:
$CALE_PASSPHRASE, or one that is asked for. $HTTPS_PROXY, $HTTP_PROXY and $NO_PROXY are heeded.

Passwords and tokens are asked for, or read from standard input (--password-stdin, --token-stdin) or from $CALE_PASSWORD,
$CALE_TOKEN and $CALE_ADMIN_TOKEN. On the command line other users can read them in the list of processes.

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

/** Options by which a person proves an identity without a key. */
const withProof = (command: Command): Command =>
  command
    .addOption(
      new Option('--basic <user>', 'proof of identity by a password, which is asked for').conflicts([
        'bearer',
        'tokenStdin',
      ]),
    )
    .option('--password-stdin', 'with --basic: read the password from standard input')
    .addOption(
      new Option('--bearer [token]', 'proof of identity by a token, which is asked for').conflicts('passwordStdin'),
    )
    .option('--token-stdin', 'read the token from standard input');

withProof(
  withCommon(
    program.command('register').description('make a key and register it').argument('<edge>', 'URL of the edge'),
  ),
)
  .addOption(new Option('--key <type>', 'type of the key').choices(KEY_TYPE_NAMES).default('P-256'))
  .option('--subject <text>', 'common name: what the device says of itself', '')
  .option('--authority <pem file or fingerprint>', 'trust only this authority')
  .option('--owner <name>', 'fail unless the key is registered for this owner')
  .option('--force', 'in place of an account of that name')
  .action((edge: string, options: RegisterOptions) => register(edge, options));

/** The parts of a body in their order, of whichever option. */
const data: DataPart[] = [];
const collectData = (takesFiles: boolean, strips: boolean) => (text: string) => {
  data.push({ text, takesFiles, strips });
  return data;
};

withCommon(
  program
    .command('fetch')
    .description('ask, and print the body')
    .argument('<url>', 'under a registered edge; one that begins with / is of the only edge'),
)
  .option('-X, --request <method>', 'method; by default GET, and POST with -d')
  .option('-d, --data <data>', 'body; of @FILE without line ends; several are joined by &', collectData(true, true))
  .option('--data-binary <data>', 'body; of @FILE as it is', collectData(true, false))
  .option('--data-raw <data>', 'body; @ is a character as others', collectData(false, false))
  .option('-H, --header <line>', '"Name: value", "Name:" for none, @FILE; may be given more than once', collect)
  .option('--seal', 'seal the request, so that only the origin reads it')
  .option('-i, --include', "print the answer's status and header fields before the body")
  .option('-o, --output <file>', 'write to a file; - is standard output')
  .addOption(
    new Option('--raw', 'print the CMS as it came, in DER').conflicts([
      'request',
      'data',
      'dataBinary',
      'dataRaw',
      'header',
      'seal',
      'include',
      'json',
    ]),
  )
  .action((url: string, options: Omit<FetchOptions, 'data'>) =>
    fetchUrl(url, { ...options, ...(data.length > 0 && { data }) }),
  );

withCommon(
  program
    .command('proxy')
    .description('serve an opened view of an API on 127.0.0.1, for tools that have its token')
    .argument('<url>', 'URL of a registered edge'),
)
  .option('--port <number>', 'port to listen on; by default one that is free', parsePort, 0)
  .option('--seal', 'seal each request, so that only the origin reads it')
  .action((url: string, options: ProxyOptions) => proxy(url, options));

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 0xffff) return port;
  throw new InvalidArgumentError('It is a number up to 65535.');
}

withCommon(program.command('whoami').description('who the edge takes you for'))
  .option('--edge <url>', 'which edge, where there is more than one')
  .option('--pem', 'print the certificate')
  .action((options: Common & { edge?: string; pem?: boolean }) => whoami(options));

program
  .command('list')
  .description('the accounts that are kept here')
  .option('--json', 'print JSON, errors too')
  .action((options: Common) => list(options));

withProof(withCommon(program.command('devices').description('your devices: all credentials that you registered')))
  .option('--edge <url>', 'with which edge, where there is more than one')
  .option('--revoke <id>', 'revoke this one; without a key by --basic or --bearer')
  .action((options: DevicesOptions) => devices(options));

withCommon(program.command('renew').description('take a new key in place of the one that is there'))
  .option('--edge <url>', 'with which edge, where there is more than one')
  .addOption(new Option('--key <type>', 'type of the key; by default that of the one before').choices(KEY_TYPE_NAMES))
  .action((options: Common & { edge?: string; key?: KeyType }) => renew(options));

withCommon(program.command('forget').description('remove an account and its key').argument('<edge>', 'URL of the edge'))
  .option('--revoke', 'revoke its credential before; when that fails, nothing is removed')
  .action((edge: string, options: Common & { revoke?: boolean }) => forget(edge, options));

withCommon(
  program
    .command('open')
    .description('open a saved answer')
    .argument('<file>', 'CMS in DER, base64, MIME with header fields, or PEM; - for standard input'),
)
  .option('--edge <url>', 'of which edge, where there is more than one')
  .option('--allow-unauthenticated', 'open AES-CBC too, which anybody on the way can have altered')
  .action((file: string, options: OpenOptions) => openFile(file, options));

const withAdmin = (command: Command): Command =>
  command
    .argument('<edge>', 'URL of the edge')
    .option('--token <token>', "administrator's token; by default it is asked for")
    .option('--token-stdin', "read the administrator's token from standard input")
    .option('--json', 'print JSON, errors too');

/** What credentials are about: where there are several, all have to hold. */
const withQuery = (command: Command): Command =>
  command
    .option('--owner <name>', 'of an owner')
    .option('--device <name>', 'of a device, as RFC 4514 writes it: "CN=my laptop"')
    .option('--before <date>', 'that were registered before (RFC 3339)')
    .option('--unused-since <date>', 'that were not used since (RFC 3339)');

withQuery(withAdmin(program.command('revoke').description('for operators: revoke credentials')))
  .addOption(new Option('--guid <guid>', 'this credential').conflicts(['owner', 'device', 'before', 'unusedSince']))
  .action((edge: string, options: AdminOptions) => revoke(edge, options));

withQuery(withAdmin(program.command('credentials').description('for operators: list credentials'))).action(
  (edge: string, options: AdminOptions) => credentials(edge, options),
);

const admin = program.command('admin').description('for operators: what is stored');

withAdmin(admin.command('export').description('print all credentials, a line of JSON each; keep them secret')).action(
  (edge: string, options: AdminTokenOptions) => exportCredentials(edge, options),
);

withAdmin(admin.command('import').description('put credentials back that were exported'))
  .argument('<file>', 'what export has printed')
  .action((edge: string, file: string, options: AdminTokenOptions) => importCredentials(edge, file, options));

withAdmin(admin.command('reindex').description('rebuild what is missing, and move what is elsewhere')).action(
  (edge: string, options: AdminTokenOptions) => reindex(edge, options),
);

withAdmin(admin.command('restore').description('go back to an earlier time, and reindex'))
  .requiredOption('--to <time>', 'within the last 30 days (RFC 3339)')
  .action((edge: string, options: RestoreOptions) => restore(edge, options));

withAdmin(admin.command('audit').description('what was done with credentials, and by whom; newest last')).action(
  (edge: string, options: AdminTokenOptions) => audit(edge, options),
);

withAdmin(admin.command('status').description('credentials by shard, and whether KV can be reached')).action(
  (edge: string, options: AdminTokenOptions) => status(edge, options),
);

addProjectCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, isJson);
}
