/** The origin's settings, checked when the Worker starts. */

import type { OriginOptions } from '../../origin/options.ts';
import { originOptionsFromSettings } from '../../origin/settings.ts';

export interface DemoOriginConfig {
  readonly options: OriginOptions;
  readonly resourceServer: Fetcher;
}

/** @throws {ConfigError} when a setting is missing or not usable. */
export const originFromSettings = (env: OriginEnv): DemoOriginConfig => ({
  options: originOptionsFromSettings(env),
  resourceServer: env.RESOURCE,
});
