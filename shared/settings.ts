/** Reading a Worker's environment into a checked configuration: each fault is one sentence that names the setting. */

/** The Worker cannot start with the settings that it has. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

type Settings = Readonly<Record<string, unknown>>;

/** @throws {ConfigError} when the setting is missing or empty. */
export function requiredSetting(env: object, name: string): string {
  const value = optionalSetting(env, name);
  if (value === undefined) {
    throw new ConfigError(`${name} is missing: set it as a variable or a secret of this Worker.`);
  }
  return value;
}

/** @returns the setting, or undefined when it is missing or empty. */
export function optionalSetting(env: object, name: string): string | undefined {
  const value = (env as Settings)[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @throws {ConfigError} unless the setting is a whole number from `least` to `most`. */
export function integerSetting(env: object, name: string, least: number, most: number): number {
  const text = requiredSetting(env, name);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new ConfigError(`${name} must be a whole number from ${least} to ${most}.`);
  }
  return value;
}

/** @throws {ConfigError} unless the setting is one of the choices. */
export function choiceSetting<T extends string>(env: object, name: string, choices: readonly T[]): T {
  const value = requiredSetting(env, name);
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new ConfigError(`${name} must be one of: ${choices.join(', ')}.`);
  return choice;
}

/** The members of a setting that are separated by commas; none when it is missing. */
export function listSetting(env: object, name: string): string[] {
  return (optionalSetting(env, name) ?? '')
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

/**
 * @returns the result of `parse` for the setting.
 * @throws {ConfigError} with the reason that `parse` threw, which must not quote a secret.
 */
export function parseSetting<T>(env: object, name: string, parse: (value: string) => T): T {
  const value = requiredSetting(env, name);
  try {
    return parse(value);
  } catch (error) {
    throw new ConfigError(`${name} is not usable: ${error instanceof Error ? error.message : 'unknown reason'}.`);
  }
}
