/** Bindings of Workers, each a line in the configuration language of workerd. */

const text = (name: string, value: string): string => `(name = "${name}", text = ${JSON.stringify(value)})`;
export const texts = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([name, value]) => text(name, value));
export const service = (name: string, target: string): string => `(name = "${name}", service = "${target}")`;
/** A binding to an entrypoint of a service that is not its default one. */
export const entrypoint = (name: string, target: string, className: string): string =>
  `(name = "${name}", service = (name = "${target}", entrypoint = "${className}"))`;
/** @param target the service that stores; by default the stand-in, which stores nothing. */
export const kv = (name: string, target = 'kv'): string => `(name = "${name}", kvNamespace = "${target}")`;
export const limiter = (name: string): string => `(name = "${name}", wrapped = (moduleName = "bench:no-limit"))`;
export const durableObjects = (name: string, className: string): string =>
  `(name = "${name}", durableObjectNamespace = "${className}")`;
