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

/** @returns the setting, or the text by default when it is missing or empty. */
export const textSetting = (env: object, name: string, byDefault: string): string =>
  optionalSetting(env, name) ?? byDefault;

/** The bounds of a whole number, and its value where the setting is missing. */
export interface IntegerRange {
  readonly least: number;
  readonly most: number;
  readonly byDefault: number;
}

/** @throws {ConfigError} unless the setting is a whole number in the range, or missing. */
export function integerSetting(env: object, name: string, range: IntegerRange): number {
  const text = optionalSetting(env, name);
  if (text === undefined) return range.byDefault;
  return parseInteger(name, /^\d+$/.test(text) ? Number(text) : Number.NaN, range);
}

/** @throws {ConfigError} unless the value is a whole number in the range, or missing. */
export function parseInteger(
  name: string,
  value: number | undefined,
  { least, most, byDefault }: IntegerRange,
): number {
  const given = value ?? byDefault;
  if (Number.isInteger(given) && given >= least && given <= most) return given;
  throw new ConfigError(`${name} must be a whole number from ${least} to ${most}.`);
}

/**
 * @param byDefault the choice where the setting is missing; without one it has to be there.
 * @throws {ConfigError} unless the setting is one of the choices.
 */
export function choiceSetting<T extends string>(
  env: object,
  name: string,
  choices: readonly T[],
  byDefault?: NoInfer<T>,
): T {
  const value = byDefault === undefined ? requiredSetting(env, name) : (optionalSetting(env, name) ?? byDefault);
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new ConfigError(`${name} must be one of: ${choices.join(', ')}.`);
  return choice;
}

/**
 * @param method of the binding, by which it is known.
 * @returns the binding: another Worker, a namespace, a limiter.
 * @throws {ConfigError} when it is missing, or of another kind.
 */
export function bindingSetting<T>(env: object, name: string, method: keyof T & string): T {
  const binding = (env as Settings)[name] as Partial<Record<string, unknown>> | undefined;
  if (typeof binding?.[method] === 'function') return binding as T;
  throw new ConfigError(`${name} is missing: bind it in the configuration of this Worker.`);
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
  return parseValue(name, requiredSetting(env, name), parse);
}

/** As {@link parseSetting}, for a value by the name of its option. */
export function parseValue<V, T>(name: string, value: V, parse: (value: V) => T): T {
  try {
    return parse(value);
  } catch (error) {
    throw new ConfigError(`${name} is not usable: ${error instanceof Error ? error.message : 'unknown reason'}.`);
  }
}

/** The setting as it is, when `parse` takes it; otherwise as {@link parseSetting}. */
export const checkedSetting = (env: object, name: string, parse: (value: string) => unknown): string =>
  checkedValue(name, requiredSetting(env, name), parse);

/** The value as it is, when `parse` takes it; otherwise as {@link parseSetting}. */
export function checkedValue<V>(name: string, value: V, parse: (value: V) => unknown): V {
  parseValue(name, value, parse);
  return value;
}
