/**
 * Passwords and tokens: from standard input, the environment, or a question at the terminal. On the command line, other
 * users can read them in the list of processes.
 */

import { password } from '@inquirer/prompts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { isFieldValue } from '../../shared/protocol/headers.ts';
import { readInput } from './input.ts';
import { note } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Those that were read, which no error repeats. */
const known: string[] = [];

export const knownSecrets = (): readonly string[] => known;

export interface SecretSource {
  /** The option that can hold it on the command line, and its value there. */
  readonly option: string;
  readonly given: string | undefined;
  /** The option that has it read from standard input, and true where it was given. */
  readonly stdinOption: string;
  readonly isOnStdin: boolean;
  /** Of the environment. */
  readonly variable: string;
  readonly question: string;
  /** True where standard error is for JSON only. */
  readonly json: boolean;
}

/** @throws {UsageError} when there is none, or two. */
export async function readSecret(source: SecretSource): Promise<string> {
  const secret = await findSecret(source);
  known.push(secret);
  return secret;
}

async function findSecret(source: SecretSource): Promise<string> {
  const { option, given, stdinOption, isOnStdin, variable, question, json } = source;
  const ways = `${stdinOption} reads it from standard input, ${variable} from the environment`;
  if (given !== undefined) {
    if (isOnStdin)
      throw new UsageError(`${option} has it on the command line already: ${stdinOption} is one too many.`);
    if (!json) note(`Other users can read what ${option} holds in the list of processes: ${ways}.`);
    return given;
  }
  if (isOnStdin && !process.stdin.isTTY) return readLine(stdinOption);
  const kept = isOnStdin ? undefined : process.env[variable];
  if (kept) return kept;
  if (process.stdin.isTTY) return askSecret(question);
  throw new UsageError(`There is no terminal to ask at. ${question.replace(/:$/, '')}: ${ways}.`);
}

/** As docker login reads a password: everything, without the line end behind it. */
async function readLine(option: string): Promise<string> {
  const bytes = await readInput('-');
  const text = tryParse(() => parseUtf8(bytes))?.replace(/\r?\n$/, '');
  if (text) return text;
  throw new UsageError(`${option}: standard input ${text === undefined ? 'is not in UTF-8' : 'is empty'}.`);
}

/**
 * Asks at the terminal; what is typed is not shown.
 * @throws {UsageError} when the question is broken off.
 */
export function askSecret(message: string): Promise<string> {
  const interrupted = () => {
    throw new UsageError('Nothing was done.');
  };
  return password({ message, mask: true }, { output: process.stderr }).catch(interrupted);
}

/**
 * @param name of what gave the token, for the error.
 * @throws {UsageError} without the token, when no header field can hold it.
 */
export function parseToken(text: string, name: string): string {
  const token = text.trim();
  if (token !== '' && isFieldValue(token)) return token;
  const found = token === '' ? 'is empty' : 'holds a line end or another character of no token: was it wrapped?';
  throw new UsageError(`${name} ${found}`);
}

export interface ProofOptions {
  readonly basic?: string;
  readonly passwordStdin?: boolean;
  /** True for one without its token. */
  readonly bearer?: string | true;
  readonly tokenStdin?: boolean;
  readonly json?: boolean;
}

/** @returns the value of an Authorization field. @throws {UsageError} */
export async function readProof(options: ProofOptions): Promise<string> {
  const { basic, passwordStdin = false, bearer, tokenStdin = false, json = false } = options;
  if (basic !== undefined) return readBasic(basic, passwordStdin, json);
  if (passwordStdin) throw new UsageError('Whose password is it? --basic USER');
  if (bearer === undefined && !tokenStdin) throw new UsageError('Who are you? --basic USER, or --bearer for a token.');
  const token = await readSecret({
    option: '--bearer',
    given: bearer === true ? undefined : bearer,
    stdinOption: '--token-stdin',
    isOnStdin: tokenStdin,
    variable: 'CALE_TOKEN',
    question: 'Token:',
    json,
  });
  return `Bearer ${parseToken(token, 'The token')}`;
}

/** @param text a user; behind a colon the password can stand. */
async function readBasic(text: string, isOnStdin: boolean, json: boolean): Promise<string> {
  const [user = '', given] = text.split(/:(.*)/s);
  const secret = await readSecret({
    option: '--basic',
    given,
    stdinOption: '--password-stdin',
    isOnStdin,
    variable: 'CALE_PASSWORD',
    question: `Password of ${user}:`,
    json,
  });
  const credentials = Buffer.from(`${user}:${secret}`, 'utf8').toString('base64');
  known.push(credentials);
  return `Basic ${credentials}`;
}

export interface AdminTokenOptions {
  readonly token?: string;
  readonly tokenStdin?: boolean;
  readonly json?: boolean;
}

/** @returns the administrator's token. @throws {UsageError} */
export async function readAdminToken({ token, tokenStdin = false, json = false }: AdminTokenOptions): Promise<string> {
  const found = await readSecret({
    option: '--token',
    given: token,
    stdinOption: '--token-stdin',
    isOnStdin: tokenStdin,
    variable: 'CALE_ADMIN_TOKEN',
    question: "Administrator's token:",
    json,
  });
  return parseToken(found, "The administrator's token");
}
