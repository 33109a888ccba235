/** What the Workers read of their environment while they start. */

/** How the code checks a setting: by which function, and by which bounds. */
export interface Check {
  readonly range?: { readonly least: number; readonly most: number };
  readonly choices?: readonly string[];
  /** The text of the value where the setting is missing. */
  readonly byDefault?: string;
  readonly isList?: true;
  /** The method by which a binding is known. */
  readonly method?: string;
}

let reads = new Map<string, Check>();
let environment: Readonly<Record<string, unknown>> = {};

/** Begins once more, with the environment of the next start. */
export function prepareEnvironment(next: Readonly<Record<string, unknown>>): void {
  environment = next;
  reads = new Map();
}

/** What was read since, by name. */
export const recordedReads = (): ReadonlyMap<string, Check> => reads;

/** Adds what is known of the check to what was known before. */
export function record(name: string, check: Check = {}): void {
  reads.set(name, { ...reads.get(name), ...check });
}

/** The environment, which notes each name that it is asked for. */
export const recordingEnv: object = new Proxy(
  {},
  {
    get(_, name) {
      if (typeof name !== 'string') return undefined;
      record(name);
      return environment[name];
    },
  },
);
