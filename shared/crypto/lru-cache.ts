import { encodeBase64 } from '../encoding/base64.ts';

/** A least-recently-used cache whose keys are bytes. */
export class LruCache<V> {
  readonly #values = new Map<string, V>();
  readonly #capacity: number;

  /** @param capacity how many values are kept. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(key: Uint8Array): V | undefined {
    const name = nameOf(key);
    const value = this.#values.get(name);
    if (value !== undefined) this.#put(name, value);
    return value;
  }

  set(key: Uint8Array, value: V): void {
    this.#put(nameOf(key), value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#capacity && oldest !== undefined) this.#values.delete(oldest);
  }

  /** Puts the value at the end of the Map, which is where the most recently used one is. */
  #put(name: string, value: V): void {
    this.#values.delete(name);
    this.#values.set(name, value);
  }
}

/** A string of the bytes, because Maps compare Uint8Arrays by identity. */
const nameOf = (key: Uint8Array): string => encodeBase64(key);
