/** Telling a person, or a program, what went wrong: in one sentence, with the way out, and without a word of secrets. */

import { CommanderError } from 'commander';
import { CaleError } from '../errors.ts';
import { adviceFor, causeOf } from './causes.ts';
import { ClosedPipe, note, writeErrorLine } from './output.ts';
import { UnreadableError, UsageError } from './usage-error.ts';

/** Exit codes: 0 all is well; 1 something else went wrong; 2 usage; 3 not readable; 4 refused; 5 not reached. */
const EXIT_CODES: Partial<Record<string, number>> = {
  usage: 2,
  unreadable: 3,
  'not-trusted': 3,
  refused: 4,
  network: 5,
};

/** @returns the exit code. */
export function report(error: unknown, json: boolean): number {
  if (error instanceof ClosedPipe) return 0;
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const code = codeOf(error);
  const message = withoutSecrets(sentenceOf(error));
  const refusal = error instanceof CaleError ? error.refusal : undefined;
  if (json) writeErrorLine(JSON.stringify({ error: code, message, ...refusal }));
  // Commander has written its own sentence.
  else if (!(error instanceof CommanderError)) note(message);
  return EXIT_CODES[code] ?? 1;
}

function codeOf(error: unknown): string {
  if (error instanceof CaleError) return error.code;
  if (error instanceof UnreadableError) return 'unreadable';
  return error instanceof UsageError || error instanceof CommanderError ? 'usage' : 'failed';
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof CaleError)) return error.message.replace(/^error: /, '');
  return [error.message, causeOf(error), adviceFor(error)].filter((each) => each !== undefined).join(' ');
}

const SECRET_OPTIONS = ['--basic', '--bearer', '--token', '-H', '--header'];
const SECRET_VARIABLES = ['CALE_PASSPHRASE', 'CALE_ADMIN_TOKEN'];

/** The texts of others, such as those of the platform, may quote what they were given. */
function withoutSecrets(text: string): string {
  const given = process.argv.flatMap((argument, at) => {
    if (SECRET_OPTIONS.includes(process.argv[at - 1] ?? '')) return [argument];
    return SECRET_OPTIONS.filter((option) => argument.startsWith(option)).map((option) =>
      argument.slice(option.length).replace(/^=/, ''),
    );
  });
  const kept = SECRET_VARIABLES.map((name) => process.env[name] ?? '');
  // Of "Name: value" and "user:password" the second part is the secret.
  const secrets = [...given, ...kept].flatMap((secret) => [secret, secret.slice(secret.indexOf(':') + 1).trim()]);
  return secrets.filter(({ length }) => length > 3).reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}
