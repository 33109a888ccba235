/** The configuration of a workerd, in its own language. */

/** A Worker for workerd. */
export interface ServedWorker {
  readonly name: string;
  /** Configuration of wrangler, relative to the top. */
  readonly config: string;
  /** Lines that `bindings.ts` writes. */
  readonly bindings?: readonly string[];
  /** Classes of the Durable Objects that the Worker has, if any. */
  readonly durableObjects?: readonly string[];
}

/** A Worker and the lines of configuration that name its modules. */
export interface PlacedWorker extends ServedWorker {
  readonly modules: readonly string[];
}

/** A server on loopback that Workers call as a service. */
export interface ExternalService {
  readonly name: string;
  readonly port: number;
}

const COMPATIBILITY_DATE = '2026-11-02';

/** Stand-ins for KV and rate limits, which workerd lacks: one that stores nothing, and one that never refuses. */
const KV = 'export default { async fetch(request) { await request.arrayBuffer(); return new Response(null); } };';
const NO_LIMIT = 'export default () => ({ limit: async () => ({ success: true }) });';

/** Of the network, Workers reach this machine only. @param workers the first is the one that listens on the port. */
export function encodeConfiguration(
  workers: readonly PlacedWorker[],
  port: number,
  externals: readonly ExternalService[] = [],
): string {
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        ${[...workers.map(encodeService), ...externals.map(encodeExternal)].join(',\n')},
        (name = "internet", network = (allow = ["local"])),
        (name = "disk", disk = (path = ".", writable = true)),
        (name = "kv", worker = (modules = [(name = "kv.js", esModule = "${KV}")], compatibilityDate = "${COMPATIBILITY_DATE}"))
      ],
      sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "${workers[0]?.name}")],
      extensions = [(modules = [(name = "bench:no-limit", esModule = "${NO_LIMIT}", internal = true)])]
    );`;
}

const encodeExternal = ({ name, port }: ExternalService): string =>
  `(name = "${name}", external = (address = "127.0.0.1:${port}", http = ()))`;

function encodeService({ name, modules, bindings = [], durableObjects = [] }: PlacedWorker): string {
  const namespaces = durableObjects.map(
    (className) => `(className = "${className}", uniqueKey = "${name}-${className}", enableSql = true)`,
  );
  const storage = `durableObjectNamespaces = [${namespaces.join(', ')}],
        durableObjectStorage = (localDisk = "disk"),`;
  return `(name = "${name}", worker = (
        modules = [${modules.join(', ')}],
        compatibilityDate = "${COMPATIBILITY_DATE}",
        ${namespaces.length === 0 ? '' : storage}
        bindings = [${bindings.join(', ')}]))`;
}
