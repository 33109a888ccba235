/** `cale open`. */

import { type ContentEncryption, parseContentEncryption } from '../../shared/cms/content-encryption.ts';
import { isSealedFor, OpenError, open } from '../../shared/cms/open.ts';
import { encodeBase64 } from '../../shared/encoding/base64.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import type { Account } from '../account.ts';
import { type Common, findAccount, openStore } from './accounts.ts';
import { readInput } from './input.ts';
import { writeBody, writeLine } from './output.ts';
import { parseSavedAnswer, type SavedAnswer } from './saved-answer.ts';
import { UnreadableError, UsageError } from './usage-error.ts';

export interface OpenOptions extends Common {
  readonly edge?: string;
  readonly allowUnauthenticated?: boolean;
}

/** @param file `-` is standard input. */
export async function openFile(file: string, options: OpenOptions): Promise<void> {
  // Before the question for a passphrase: a file that is none needs no key.
  const saved = parseSavedAnswer(await readInput(file), file);
  const account = await openStore().get(await findAccount(options.edge, options.account));
  if (account === undefined) throw new UsageError('There is no such account.');
  const content = await openSaved(saved, file, account, options.allowUnauthenticated ?? false);
  if (!options.json) return writeBody(content);
  const text = tryParse(() => parseUtf8(content));
  return writeLine(JSON.stringify(text === undefined ? { base64: encodeBase64(content) } : { body: text }));
}

/** A file is no answer that just came: saying why it cannot be opened tells no attacker anything. */
async function openSaved(
  { der, message }: SavedAnswer,
  file: string,
  { key, name, edge }: Account,
  allowUnauthenticated: boolean,
): Promise<Uint8Array> {
  if (tryParse(() => isSealedFor(message, key)) !== true) {
    const reason =
      'It may be for another account (--account, --edge), or a decoy: the answer to a GUID that is not known.';
    throw new UnreadableError(`${file} is not sealed for the key of the account ${name} with ${edge}. ${reason}`);
  }
  try {
    return await open(der, key, { allowUnauthenticated });
  } catch (error) {
    if (!(error instanceof OpenError)) throw error;
    const isRefused = encryptionOf(message)?.isAead === false && !allowUnauthenticated;
    throw new UnreadableError(
      `${file} ${isRefused ? UNAUTHENTICATED : 'was altered, or its sealing is of another kind'}.`,
    );
  }
}

const UNAUTHENTICATED =
  'is encrypted by AES-CBC, so that anybody on the way can have altered it: --allow-unauthenticated opens it';

/** Reads the algorithm once: the reader in the message is used up then, and `open` reads the message itself. */
const encryptionOf = ({ contentEncryptionAlgorithm }: SavedAnswer['message']): ContentEncryption | undefined =>
  tryParse(() => parseContentEncryption(contentEncryptionAlgorithm))?.encryption;
