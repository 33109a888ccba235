/** The keys of a deployment, what each is used for, and which of its certificates there are. */

import { CaError } from './error.ts';

export const KINDS = ['root', 'issuing', 'signing', 'encryption'] as const;
export type Kind = (typeof KINDS)[number];

/** The uses of an origin's keys. */
export const ORIGIN_KINDS = ['signing', 'encryption'] as const satisfies readonly Kind[];

/** From being made to being out of use, in this order; a stolen key is revoked. */
const STATES = ['made', 'next', 'used', 'old', 'out', 'revoked'] as const;
export type KeyState = (typeof STATES)[number];

export interface Key {
  /** Such as `issuing-2`. The private key is in the file of this name with `.key`. */
  readonly name: string;
  readonly kind: Kind;
  readonly state: KeyState;
  /** Files of its certificates, by the name of the key that issued them. */
  readonly certificates: Readonly<Record<string, string>>;
}

export interface State {
  readonly organization: string;
  /** In the order in which they were made. */
  readonly keys: readonly Key[];
}

export const keysOf = ({ keys }: State, kind: Kind, ...states: readonly KeyState[]): Key[] =>
  states.flatMap((state) => keys.filter((key) => key.kind === kind && key.state === state));

/** Those that are published or trusted: the one in use first. */
export const liveKeys = (state: State, kind: Kind): Key[] => keysOf(state, kind, 'used', 'next', 'old');

export const findKey = ({ keys }: State, name: string): Key | undefined => keys.find((key) => key.name === name);

/** True for a root, and for an authority of before there was a root. */
export const isSelfSigned = ({ name, certificates }: Key): boolean => certificates[name] !== undefined;

/** @returns the state with these keys in place of those of the same names, and new ones behind. */
export function withKeys(state: State, ...changed: readonly Key[]): State {
  const replaced = state.keys.map((key) => changed.find(({ name }) => name === key.name) ?? key);
  return { ...state, keys: [...replaced, ...changed.filter(({ name }) => findKey(state, name) === undefined)] };
}

/** @returns the state with all keys of the kind that are in one state now in another one. */
export const moveKeys = (state: State, kind: Kind, from: KeyState, to: KeyState): State =>
  withKeys(state, ...keysOf(state, kind, from).map((key) => ({ ...key, state: to })));

/** @throws {CaError} when the text is not that of a state. */
export function parseState(text: string): State {
  try {
    const { organization, keys } = JSON.parse(text) as State;
    const isState = typeof organization === 'string' && keys.every(isKey);
    if (isState) return { organization, keys };
  } catch {
    // Told below.
  }
  throw new CaError('secrets/state.json is damaged: put the last good one back.');
}

const isKey = ({ name, kind, state, certificates }: Key): boolean =>
  /^[a-z0-9-]+$/.test(name) && KINDS.includes(kind) && STATES.includes(state) && typeof certificates === 'object';
