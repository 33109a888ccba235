/** The demo origin's settings, checked when the Worker starts. */

import type { OriginOptions } from '../../origin/options.ts';
import { originOptionsFromSettings } from '../../origin/settings.ts';
import { bindingSetting } from '../../shared/settings.ts';

export interface DemoOriginConfig {
  readonly options: OriginOptions;
  readonly resourceServer: Fetcher;
}

/** @throws {ConfigError} when a setting is missing or not usable. */
export function originFromSettings(env: object): DemoOriginConfig {
  return { options: originOptionsFromSettings(env), resourceServer: bindingSetting<Fetcher>(env, 'RESOURCE', 'fetch') };
}
