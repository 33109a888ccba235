/** The places of Durable Objects, by Cloudflare's names and without its types: options have them. */

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
] as const;

/** Objects of a jurisdiction run and store only there. */
export const JURISDICTIONS = ['eu', 'fedramp'] as const;

/** A place of Durable Objects. */
export interface ObjectPlace {
  readonly location: (typeof LOCATIONS)[number] | undefined;
  readonly jurisdiction: (typeof JURISDICTIONS)[number] | undefined;
}
