/** A program or library of others that opens, seals or verifies, as tests judge this repository by it. */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import type { KeyVector } from '../vectors/schema.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** A message for a key: DER. */
export interface ToOpen {
  readonly key: KeyVector;
  readonly message: Uint8Array;
}

export interface ToSeal {
  readonly key: KeyVector;
  readonly cipher: ContentEncryptionName;
  readonly content: Uint8Array;
}

/** Bytes, or what the tool says where it gives none. */
export type Given = { readonly bytes: Buffer } | { readonly error: string };

export interface ForeignTool {
  /** As tables name it. */
  readonly name: string;
  /** Where it comes from, such as a package of Debian. */
  readonly from: string;
  /** Undefined where it is not installed. */
  version(): Promise<string | undefined>;
  open(messages: readonly ToOpen[]): Promise<Given[]>;
  /** Undefined where it makes no messages. */
  seal?(tasks: readonly ToSeal[]): Promise<Given[]>;
  /** @returns why it cannot do it; undefined where it can. */
  cannotOpen(keyType: string, cipher: ContentEncryptionName): string | undefined;
  /** @returns why its messages are not opened here; undefined where they are. */
  cannotSeal(keyType: string, cipher: ContentEncryptionName): string | undefined;
  /** Ends what it started, and forgets what it wrote. */
  close?(): Promise<void>;
}

export const isRsa = (keyType: string): boolean => keyType.startsWith('RSA');
export const isCbc = (cipher: string): boolean => cipher.endsWith('CBC');
export const isGcm = (cipher: string): boolean => cipher.endsWith('GCM');

/** Does one task after the other. What a task throws is what the tool says. */
export async function eachOf<T>(tasks: readonly T[], work: (task: T, at: number) => Promise<Buffer>): Promise<Given[]> {
  const given: Given[] = [];
  for (const [at, task] of tasks.entries()) {
    given.push(
      await work(task, at).then(
        (bytes) => ({ bytes }),
        (error: unknown) => ({ error: String(error instanceof Error ? error.message : error) }),
      ),
    );
  }
  return given;
}
