/** Where the Durable Objects of an authority come into being: near a region, or within a jurisdiction. For good. */

/** Regions by Cloudflare's names for them. A hint: the object comes into being as near as can be. */
export const LOCATIONS = [
  'wnam',
  'enam',
  'sam',
  'weur',
  'eeur',
  'apac',
  'apac-ne',
  'apac-se',
  'oc',
  'afr',
  'me',
] as const satisfies readonly DurableObjectLocationHint[];

/** Objects of a jurisdiction run and store only there. */
export const JURISDICTIONS = ['eu', 'fedramp'] as const satisfies readonly DurableObjectJurisdiction[];

/** The part of a namespace that is used. */
export type ObjectsByName<T extends Rpc.DurableObjectBranded> = Pick<DurableObjectNamespace<T>, 'idFromName' | 'get'>;

export interface ObjectPlace {
  readonly location: (typeof LOCATIONS)[number] | undefined;
  readonly jurisdiction: (typeof JURISDICTIONS)[number] | undefined;
}

/**
 * @returns the namespace whose objects are in that place. An object of a name in a jurisdiction is another one than that of
 *   the name elsewhere.
 * @throws {Error} when the platform has no jurisdictions, as workerd on one machine has none.
 */
export function placedNamespace<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  { location, jurisdiction }: ObjectPlace,
): ObjectsByName<T> {
  const within = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
  if (location === undefined) return within;
  return {
    idFromName: (name) => within.idFromName(name),
    // Only the first call of an object has a say.
    get: (id) => within.get(id, { locationHint: location }),
  };
}
