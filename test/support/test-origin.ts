/** All Workers, with the demo's origin that has more routes (client-origin.ts) in place of the demo's own. */

import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import type { Device } from './device.ts';
import { type Harness, type MoreWorker, startHarness } from './harness.ts';

/** Name of the Worker. */
export const TEST_ORIGIN = 'client-origin';

/**
 * @param vars of edge and origin; those of the origin can be secrets too.
 * @param more Workers beside these.
 */
export async function startWithTestOrigin(
  vars: { readonly edge?: Record<string, string>; readonly origin?: Record<string, string> } = {},
  more: readonly MoreWorker[] = [],
): Promise<Harness> {
  const secrets = await createDevelopmentSecrets();
  return startHarness({
    secrets,
    vars: { edge: vars.edge ?? {} },
    edgeBindings: { ORIGIN: TEST_ORIGIN },
    more: [
      {
        name: TEST_ORIGIN,
        main: 'test/support/client-origin.ts',
        compatibility_date: '2026-11-02',
        compatibility_flags: ['nodejs_compat'],
        vars: { ...secrets.origin, UNSAFE_METHODS: 'signed', ...vars.origin },
        services: [{ binding: 'RESOURCE', service: 'cale-resource' }],
      },
      ...more,
    ],
  });
}

/** The form in which a request asks for the whole answer. */
export const WHOLE_ANSWER = { 'CALE-Accept': 'message/bhttp', Accept: 'application/pkcs7-mime' };

/** What is inside of a whole answer. */
export interface Inside {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly json: unknown;
}

/** @throws {OpenError} when it is a decoy. */
export async function openWhole(device: Device, response: { arrayBuffer(): Promise<ArrayBuffer> }): Promise<Inside> {
  const opened = parseResponse(await device.openBytes(new Uint8Array(await response.arrayBuffer())));
  const text = parseUtf8(opened.content);
  return {
    status: opened.status,
    headers: Object.fromEntries(opened.headers),
    json: text === '' ? null : JSON.parse(text),
  };
}
