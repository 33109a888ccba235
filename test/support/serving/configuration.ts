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
/** Stand-in for a cron trigger: each call of it is one of the Worker's `scheduled`, and its answer the outcome. */
const CRON =
  "export default { async fetch(_, { WORKER }) { return new Response((await WORKER.scheduled({ cron: '' })).outcome); } };";

/** A cron trigger that a test sets off. */
export interface CronTrigger {
  /** Of loopback: a call of it sets it off. */
  readonly port: number;
  /** Name of the Worker. */
  readonly worker: string;
}

interface Configuration {
  /** The first is the one that listens on the port. */
  readonly workers: readonly PlacedWorker[];
  readonly port: number;
  readonly externals: readonly ExternalService[];
  readonly cron: CronTrigger | undefined;
}

/** Of the network, Workers reach this machine only. */
export function encodeConfiguration({ workers, port, externals, cron }: Configuration): string {
  const services = [...workers.map(encodeService), ...externals.map(encodeExternal)];
  const sockets = [encodeSocket('http', port, workers[0]?.name ?? '')];
  if (cron !== undefined) {
    services.push(encodeCron(cron));
    sockets.push(encodeSocket('cron', cron.port, 'cron'));
  }
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        ${services.join(',\n')},
        (name = "internet", network = (allow = ["local"])),
        (name = "disk", disk = (path = ".", writable = true)),
        (name = "kv", worker = (modules = [(name = "kv.js", esModule = "${KV}")], compatibilityDate = "${COMPATIBILITY_DATE}"))
      ],
      sockets = [${sockets.join(', ')}],
      extensions = [(modules = [(name = "bench:no-limit", esModule = "${NO_LIMIT}", internal = true)])]
    );`;
}

const encodeSocket = (name: string, port: number, service: string): string =>
  `(name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${service}")`;

const encodeCron = ({ worker }: CronTrigger): string =>
  `(name = "cron", worker = (
        modules = [(name = "cron.js", esModule = "${CRON}")],
        compatibilityDate = "${COMPATIBILITY_DATE}",
        compatibilityFlags = ["service_binding_extra_handlers"],
        bindings = [(name = "WORKER", service = "${worker}")]))`;

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
