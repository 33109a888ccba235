/** Inputs of strangers: good ones with a part that is another, and made-up ones, of all sizes that a door takes. */

import fc from 'fast-check';

/** Values that header fields can have on the wire. */
export const fieldValue = (maxLength = 200): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff }), fc.constant(0x20)), {
      maxLength,
    })
    .map((codes) => String.fromCharCode(...codes).trim());

/** A text in which some characters were replaced, taken out, doubled or put in. */
export const alteredText = (good: string, alphabet = '"(),;=:. -_/+?%&*Aa0'): fc.Arbitrary<string> =>
  fc
    .array(
      fc.record({
        at: fc.nat(Math.max(0, good.length - 1)),
        length: fc.nat(8),
        insert: fc.oneof(
          fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 4 }),
          fc.constant(good.slice(0, 64)),
          fc.constant('('.repeat(200)),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) =>
      edits
        .reduce((text, { at, length, insert }) => text.slice(0, at) + insert + text.slice(at + length), good)
        .slice(0, 8000)
        .trim(),
    );

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of which some were replaced, taken out or doubled: lengths of DER are among them. */
export const alteredBytes = (good: Bytes): fc.Arbitrary<Bytes> =>
  fc
    .array(
      fc.record({
        at: fc.nat(good.length - 1),
        length: fc.nat(16),
        insert: fc.oneof(
          fc.uint8Array({ maxLength: 16 }),
          fc.constantFrom(Uint8Array.of(0x80), Uint8Array.of(0x84, 0xff, 0xff, 0xff, 0xff), good.subarray(0, 40)),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce<Bytes>(
        (bytes, { at, length, insert }) =>
          Uint8Array.from([...bytes.subarray(0, at), ...insert, ...bytes.subarray(at + length)]),
        good,
      ),
    );

/** DER of nothing in nothing, many times. */
export const nestedDer = (depth: number): Bytes => {
  let der: Bytes = Uint8Array.of(0x30, 0);
  while (der.length < depth) {
    der = Uint8Array.from([0x30, 0x82, der.length >> 8, der.length & 0xff, ...der]);
  }
  return der;
};

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** JWTs with headers and claims of their own, and alterations of a good one. */
export const jwt = (good: string): fc.Arbitrary<string> => {
  const made = fc.tuple(
    fc.record(
      {
        alg: fc.constantFrom<unknown>('ES256', 'none', 'HS256', 'RS256', 'PS512', 'EdDSA', '', 1, null, ['ES256']),
        typ: fc.constantFrom<unknown>('at+jwt', 'JWT', 'application/at+jwt', 7, {}),
        kid: fc.oneof(fc.constant('one'), fc.string(), fc.integer()),
        crit: fc.constantFrom<unknown>(['exp'], [], 'b64', 1),
        jwk: fc.constant({ kty: 'oct', k: 'AAAA' }),
      },
      { requiredKeys: [] },
    ),
    fc.oneof(fc.jsonValue(), fc.record({ sub: fc.jsonValue(), exp: fc.jsonValue(), aud: fc.jsonValue() })),
    fc.uint8Array({ maxLength: 80 }),
  );
  return fc.oneof(
    alteredText(good),
    made.map(([header, claims, signature]) =>
      [base64url(header), base64url(claims), Buffer.from(signature).toString('base64url')].join('.'),
    ),
    fieldValue(4000),
  );
};
