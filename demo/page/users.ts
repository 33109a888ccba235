/** The users of a development machine: see scripts/development-secrets.ts. A demo elsewhere has to have the same. */

const PASSWORDS = { alice: 'wonderland', bob: 'builder' } as const;

export type User = keyof typeof PASSWORDS;

export const other = (user: User): User => (user === 'alice' ? 'bob' : 'alice');

/** Proof of identity, for the Authorization header. */
export const basicOf = (user: User): string => `Basic ${btoa(`${user}:${PASSWORDS[user]}`)}`;

/** The administrator's, for the Authorization header. */
export const ADMINISTRATOR = 'Bearer admin';
