/** The storage of decoys in a KV namespace of Workers. */

import type { DecoyStorage } from './decoys.ts';

/** The part of a `kv_namespaces` binding that is needed. */
export interface TextNamespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
}

const KEY = 'decoys/answers';

/**
 * A place in KV, so that decoys look like answers when an isolate starts.
 * @param waitUntil keeps a Worker running while it saves, after the answer: that of `cloudflare:workers`.
 */
export const createKvStorage = (
  namespace: TextNamespace,
  waitUntil: (promise: Promise<unknown>) => void,
): DecoyStorage => ({
  load: () => namespace.get(KEY),
  save(text) {
    const saved = namespace.put(KEY, text);
    waitUntil(saved);
    return saved;
  },
});
