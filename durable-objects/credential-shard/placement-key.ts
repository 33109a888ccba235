/** The key of the hash that gives a GUID its shard: in one shard for all, and in KV should that shard be lost. */

const KEY_BYTES = 32;
/** Where KV has it. */
const BACKUP = 'placement/key';

export class PlacementKey {
  readonly #sql: SqlStorage;
  readonly #catalogue: KVNamespace;

  constructor(sql: SqlStorage, catalogue: KVNamespace) {
    this.#sql = sql;
    this.#catalogue = catalogue;
  }

  /**
   * @returns 32 random bytes, the same for as long as the shard is there or KV has them.
   * @throws when this shard has none and KV cannot be asked, because with another key no credential would be found.
   */
  async load(): Promise<ArrayBuffer> {
    const known = this.#known();
    if (known !== undefined) return known;
    const kept = await this.#catalogue.get(BACKUP, 'arrayBuffer');
    // Another call may have made one meanwhile.
    const made = this.#known();
    if (made !== undefined) return made;
    const key = kept ?? crypto.getRandomValues(new Uint8Array(KEY_BYTES)).buffer;
    this.#sql.exec('INSERT INTO placement (key) VALUES (?)', key);
    return key;
  }

  /** Writes it to KV, where it is not there yet. Does nothing in a shard that has none. @throws when KV fails. */
  async backUp(): Promise<void> {
    const known = this.#known();
    if (known === undefined || (await this.#catalogue.get(BACKUP)) !== null) return;
    await this.#catalogue.put(BACKUP, known);
  }

  #known(): ArrayBuffer | undefined {
    const [row] = this.#sql.exec<{ key: ArrayBuffer }>('SELECT key FROM placement');
    return row?.key;
  }
}
