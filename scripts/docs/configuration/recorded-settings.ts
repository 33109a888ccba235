/** Stands in the place of shared/settings.ts: does the same, and notes by which bounds a setting is checked. */

import * as settings from '../../../shared/settings.ts';
import { record } from './recorder.ts';

export * from '../../../shared/settings.ts';

export const integerSetting: typeof settings.integerSetting = (env, name, range) => {
  record(name, { range, byDefault: String(range.byDefault) });
  return settings.integerSetting(env, name, range);
};

export const choiceSetting: typeof settings.choiceSetting = (env, name, choices, byDefault) => {
  record(name, { choices, ...(byDefault !== undefined && { byDefault }) });
  return settings.choiceSetting(env, name, choices, byDefault);
};

export const textSetting: typeof settings.textSetting = (env, name, byDefault) => {
  record(name, { byDefault });
  return settings.textSetting(env, name, byDefault);
};

export const listSetting: typeof settings.listSetting = (env, name) => {
  record(name, { isList: true });
  return settings.listSetting(env, name);
};

export const bindingSetting: typeof settings.bindingSetting = (env, name, method) => {
  record(name, { method });
  return settings.bindingSetting(env, name, method);
};
