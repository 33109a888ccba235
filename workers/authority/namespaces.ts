/**
 * The bindings of an authority by what tells them from others. Programs get along with these types whether they have
 * those of Cloudflare or not.
 */

/** A `durable_objects` binding. */
export interface ShardNamespace {
  idFromName(name: string): object;
  get(id: never): object;
}

/** A `kv_namespaces` binding. */
export interface CatalogueNamespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}
