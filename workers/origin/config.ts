/** The demo origin's settings, checked when the Worker starts. */

import type { OriginOptions } from '../../origin/options.ts';
import { originOptionsFromSettings } from '../../origin/settings.ts';
import { bindingSetting } from '../../shared/settings.ts';

export interface DemoOriginConfig {
  readonly options: OriginOptions;
  readonly resourceServer: Fetcher;
}

/** @param waitUntil that of `cloudflare:workers`. @throws {ConfigError} when a setting is missing or not usable. */
export function originFromSettings(env: object, waitUntil?: (promise: Promise<unknown>) => void): DemoOriginConfig {
  return {
    options: originOptionsFromSettings(env, waitUntil),
    resourceServer: bindingSetting<Fetcher>(env, 'RESOURCE', 'fetch'),
  };
}
