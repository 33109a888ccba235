/**
 * An account at Cloudflare as far as deploying needs one, on loopback: it records what wrangler asks for, and keeps
 * namespaces and versions. What it answers follows Cloudflare's API reference.
 */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A version of a Worker, as it was uploaded. */
export interface UploadedVersion {
  readonly id: string;
  readonly tag: string | undefined;
  /** Texts by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  /** Undefined where none was sent. */
  readonly limits: Readonly<Record<string, number>> | undefined;
  /** All bindings but texts, as they were sent. */
  readonly bindings: readonly Readonly<Record<string, unknown>>[];
}

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

interface Metadata {
  readonly bindings: readonly { readonly type: string; readonly name: string; readonly text?: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, number>>;
}

const ACCOUNT = '0123456789abcdef0123456789abcdef';

export class CloudflareAccount {
  /** Lines such as `PUT /workers/scripts/cale-edge`, of calls that change something. */
  readonly changes: string[] = [];
  readonly namespaces: { id: string; title: string }[] = [];
  /** Versions by Worker, the latest last; all requests go to that one. */
  readonly workers = new Map<string, UploadedVersion[]>();
  /** On the free one no Worker may have a limit of its own. */
  plan: 'free' | 'paid' = 'paid';
  /** Refuses calls that match, such as `PUT /workers/scripts/cale-edge`. */
  readonly refusals = new Map<string, Refusal>();
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  /** @returns the environment by which wrangler asks here. */
  async open(): Promise<Record<string, string>> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${port}/client/v4`,
      CLOUDFLARE_API_TOKEN: 'token',
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = pathname.replace('/client/v4', '').replace(`/accounts/${ACCOUNT}`, '');
    const line = `${request.method} ${path}`;
    if (request.method !== 'GET') this.changes.push(line);
    // wrangler asks for pages until one is empty.
    if (Number(searchParams.get('page') ?? 1) > 1) return send(response, { result: [] });
    const refusal = this.refusals.get(line);
    const result =
      refusal ?? (await this.#resultOf(line, Buffer.concat(chunks), request.headers['content-type'] ?? ''));
    return send(response, result);
  }

  async #resultOf(line: string, body: Buffer, type: string): Promise<{ result: unknown } | Refusal> {
    const [, name = ''] = /^\w+ \/workers\/(?:scripts|services)\/([^/]+)/.exec(line) ?? [];
    const versions = this.workers.get(name) ?? [];
    const latest = versions.at(-1);
    const notFound: Refusal = { status: 404, code: 10007, message: 'This Worker does not exist on your account.' };
    if (line === 'GET /storage/kv/namespaces') return { result: this.namespaces };
    if (line === 'POST /storage/kv/namespaces') return this.#createNamespace(JSON.parse(body.toString()));
    // A new Worker, and a version of one that there is.
    if (/^(PUT \/workers\/scripts\/[^/]+|POST .*\/versions)$/.test(line)) {
      const metadata = await metadataOf(body, type);
      if (this.plan === 'free' && metadata.limits !== undefined) return LIMITS_REFUSED;
      return { result: describe(this.#add(name, metadata)) };
    }
    if (/^GET \/workers\/services\/[^/]+$/.test(line)) {
      if (latest === undefined) return { ...notFound, code: 10090 };
      const script = { id: name, tag: '', last_deployed_from: 'wrangler', modified_on: new Date().toISOString() };
      return { result: { id: name, default_environment: { environment: 'production', script } } };
    }
    if (/^GET .*\/deployments$/.test(line)) {
      if (latest === undefined) return notFound;
      const deployment = {
        id: latest.id,
        source: 'wrangler',
        strategy: 'percentage',
        author_email: '',
        annotations: {},
      };
      const all = [
        { ...deployment, created_on: new Date().toISOString(), versions: [{ version_id: latest.id, percentage: 100 }] },
      ];
      return { result: { deployments: all } };
    }
    if (/^GET .*\/versions\/[^/]+$/.test(line)) {
      const version = versions.find(({ id }) => line.endsWith(id));
      return version === undefined ? notFound : { result: describe(version) };
    }
    if (/\/versions$/.test(line)) return { result: { items: versions.map(describe) } };
    if (/^GET .*\/settings$/.test(line)) return { result: { bindings: [] } };
    if (/^GET .*\/secrets$/.test(line))
      return { result: Object.keys(latest?.secrets ?? {}).map((each) => ({ name: each })) };
    if (/^GET \/workers\/subdomain$/.test(line)) return { result: { subdomain: 'example' } };
    if (/^\w+ \/workers\/workers\//.test(line)) {
      return { result: { name, subdomain: { enabled: true, previews_enabled: false } } };
    }
    if (/\/subdomain$/.test(line)) return { result: { enabled: true, previews_enabled: false } };
    if (/\/workers\/scripts\/[^/]+\/schedules$/.test(line)) return { result: { schedules: [] } };
    if (/^GET \/user/.test(line)) return { result: { id: 'user', email: 'user@example.com' } };
    if (/^GET (\/accounts|\/memberships)/.test(line)) return { result: [] };
    return { result: {} };
  }

  #createNamespace({ title }: { title: string }): { result: unknown } | Refusal {
    if (this.namespaces.some((each) => each.title === title)) {
      return { status: 400, code: 10014, message: 'a namespace with this account ID and title already exists' };
    }
    const namespace = { id: randomUUID().replaceAll('-', ''), title };
    this.namespaces.push(namespace);
    return { result: namespace };
  }

  #add(name: string, { bindings, annotations, limits }: Metadata): UploadedVersion {
    const texts = (kind: string) =>
      Object.fromEntries(bindings.filter(({ type }) => type === kind).map((each) => [each.name, each.text ?? '']));
    const version: UploadedVersion = {
      id: randomUUID(),
      tag: annotations?.['workers/tag'],
      secrets: texts('secret_text'),
      vars: texts('plain_text'),
      limits,
      bindings: bindings.filter(({ type }) => type !== 'secret_text' && type !== 'plain_text'),
    };
    this.workers.set(name, [...(this.workers.get(name) ?? []), version]);
    return version;
  }
}

/** As it was met by others: cloudflare/workers-sdk, issue 8756. */
const LIMITS_REFUSED: Refusal = {
  status: 400,
  code: 100328,
  message: 'CPU limits are not supported for the Free plan. Switch to a paid plan to set CPU limits.',
};

async function metadataOf(body: Buffer, type: string): Promise<Metadata> {
  const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': type } }).formData();
  const part = form.get('metadata');
  return JSON.parse(typeof part === 'string' ? part : await (part as File).text()) as Metadata;
}

const describe = ({ id, tag }: UploadedVersion): object => ({
  id,
  number: 1,
  tag: id,
  deployment_id: id,
  startup_time_ms: 5,
  metadata: { created_on: new Date().toISOString(), source: 'wrangler', author_email: '' },
  annotations: { 'workers/tag': tag, 'workers/triggered_by': 'upload' },
  resources: { bindings: [], script: {}, script_runtime: {} },
});

function send(response: ServerResponse, result: { result: unknown } | Refusal): void {
  response.setHeader('Content-Type', 'application/json');
  if ('code' in result) {
    response.statusCode = result.status;
    response.end(JSON.stringify({ success: false, errors: [result], messages: [], result: null }));
    return;
  }
  response.end(JSON.stringify({ success: true, errors: [], messages: [], ...result }));
}
