/** The outcome of verifying what a stranger sent: a value, or the name of the rule that it broke. */
export type Result<T, F extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: F };

export const success = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const failure = <F extends string>(fault: F): { readonly ok: false; readonly fault: F } => ({
  ok: false,
  fault,
});
