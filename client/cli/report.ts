/** Telling a person, or a program, what went wrong: in one sentence, with the way out, and without a word of secrets. */

import { CommanderError } from 'commander';
import { CaleError, type Refusal } from '../errors.ts';
import { adviceFor, causeOf } from './causes.ts';
import { knownSecrets } from './credentials.ts';
import { describeCredential } from './devices.ts';
import { ClosedPipe, note, writeErrorLine } from './output.ts';
import { UnreadableError, UsageError } from './usage-error.ts';

/** Exit codes: 0 all is well; 1 something else went wrong; 2 usage; 3 not readable; 4 refused; 5 not reached. */
const EXIT_CODES: Partial<Record<string, number>> = {
  usage: 2,
  unreadable: 3,
  'not-trusted': 3,
  'authority-changed': 3,
  refused: 4,
  network: 5,
};

/** @returns the exit code. */
export function report(error: unknown, json: boolean): number {
  if (error instanceof ClosedPipe) return 0;
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const code = codeOf(error);
  const message = withoutSecrets(sentenceOf(error));
  if (json) writeErrorLine(JSON.stringify({ error: code, message, ...refusalOf(error) }));
  // Commander has written its own sentence.
  else if (!(error instanceof CommanderError)) {
    note(message);
    const { credentials = [] } = refusalOf(error);
    for (const each of credentials) writeErrorLine(describeCredential(each));
  }
  return EXIT_CODES[code] ?? 1;
}

function codeOf(error: unknown): string {
  if (error instanceof CaleError) return error.code;
  if (error instanceof UnreadableError) return 'unreadable';
  return error instanceof UsageError || error instanceof CommanderError ? 'usage' : 'failed';
}

/** The members of a refusal. A stranger may answer with what it was sent. */
function refusalOf(error: unknown): Partial<Refusal> {
  if (!(error instanceof CaleError) || error.refusal === undefined) return {};
  const { title, detail } = error.refusal;
  const words = { title: title && withoutSecrets(title), detail: detail && withoutSecrets(detail) };
  return { ...error.refusal, ...words };
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof CaleError)) return error.message.replace(/^error: /, '');
  return [error.message, causeOf(error), adviceFor(error)].filter((each) => each !== undefined).join(' ');
}

const SECRET_OPTIONS = ['--basic', '--bearer', '--token', '-H', '--header'];
const WITH_SECRET = /^(--basic=|--bearer=|--token=|--header=|-H)(.+)$/s;
const SECRET_VARIABLES = ['CALE_PASSPHRASE', 'CALE_PASSWORD', 'CALE_TOKEN', 'CALE_ADMIN_TOKEN'];

/** The texts of others, such as those of the platform, may quote what they were given. */
function withoutSecrets(text: string): string {
  const kept = SECRET_VARIABLES.map((name) => process.env[name] ?? '');
  // Of "Name: value" and "user:password" the second part is the secret.
  const secrets = [...givenSecrets(), ...kept, ...knownSecrets()].flatMap((secret) => [
    secret,
    secret.slice(secret.indexOf(':') + 1).trim(),
  ]);
  return secrets.filter(({ length }) => length > 3).reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}

/** Those on the command line. A user of --basic without a password is none. */
function givenSecrets(): string[] {
  return process.argv.flatMap((argument, at) => {
    const before = process.argv[at - 1] ?? '';
    const [, option = before, value = argument] = WITH_SECRET.exec(argument) ?? [];
    const isSecret = SECRET_OPTIONS.includes(option.replace(/=$/, '')) && !value.startsWith('--');
    return isSecret && (!option.startsWith('--basic') || value.includes(':')) ? [value] : [];
  });
}
