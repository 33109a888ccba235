/** The account at Cloudflare: the one module that reaches it, by the project's wrangler, which has the login. */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { DeployError } from './error.ts';

export interface Namespace {
  readonly id: string;
  readonly title: string;
}

/** A Worker's version that is about to be deployed. */
export interface Release {
  /** Path of the configuration. */
  readonly config: string;
  /** Path of a file of JSON with its secrets. */
  readonly secretsFile: string;
  /** Says what the version is made of, so that the next deployment knows. */
  readonly tag: string;
}

/** Cloudflare refused what was asked for. */
export class RefusedError extends DeployError {
  override name = 'RefusedError';
  /** Cloudflare's number of the reason; undefined where it gave none. */
  readonly code: number | undefined;

  constructor(what: string, reason: string) {
    super(`Cloudflare did not ${what}:\n${reason}`);
    const [, code] = /\[code: (\d+)\]/.exec(reason) ?? [];
    this.code = code === undefined ? undefined : Number(code);
  }
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Version {
  readonly annotations?: Readonly<Record<string, string>>;
}

export class Platform {
  readonly #root: string;

  /** @param root of the project; paths are relative to it. */
  constructor(root: string) {
    this.#root = root;
  }

  /** @throws {DeployError} when nobody is logged in. */
  async assertLoggedIn(): Promise<void> {
    const { code } = await this.wrangler(['whoami', '--json']);
    if (code !== 0) {
      throw new DeployError(
        'wrangler is not logged in: npx wrangler login, or set CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.',
      );
    }
  }

  /**
   * Makes the KV namespaces that are missing.
   * @param jurisdiction of those that are made; empty for none.
   * @returns ids by title.
   */
  async ensureNamespaces(titles: readonly string[], jurisdiction: string): Promise<Map<string, string>> {
    const place = jurisdiction === '' ? [] : ['--jurisdiction', jurisdiction];
    let all = await this.#listNamespaces();
    const missing = titles.filter((title) => !all.some((each) => each.title === title));
    for (const title of missing) {
      await this.#succeed(['kv', 'namespace', 'create', title, ...place], `make the KV namespace ${title}`);
    }
    if (missing.length > 0) all = await this.#listNamespaces();
    return new Map(all.map(({ title, id }) => [title, id]));
  }

  async #listNamespaces(): Promise<Namespace[]> {
    return JSON.parse(await this.#succeed(['kv', 'namespace', 'list'], 'list KV namespaces')) as Namespace[];
  }

  /** @returns the tag of the version that all requests go to; undefined when there is none, or more than one. */
  async deployedTag(name: string): Promise<string | undefined> {
    const status = await this.wrangler(['deployments', 'status', '--json', '--name', name]);
    if (status.code !== 0) return undefined;
    const { versions = [] } = JSON.parse(status.stdout) as { versions?: { version_id: string }[] };
    const [version, ...others] = versions;
    if (version === undefined || others.length > 0) return undefined;
    const view = ['versions', 'view', version.version_id, '--json', '--name', name];
    const text = await this.#succeed(view, `read ${name}`);
    return (JSON.parse(text) as Version).annotations?.['workers/tag'];
  }

  /**
   * Uploads and deploys in one step: code, settings and secrets become one version.
   * @returns its URLs.
   * @throws {RefusedError} when Cloudflare does not take it.
   */
  async deploy({ config, secretsFile, tag }: Release, name: string): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'cale-deploy-'));
    const output = join(folder, 'output.json');
    try {
      const args = ['deploy', '-c', config, '--secrets-file', secretsFile, '--tag', tag];
      await this.#succeed(args, `deploy ${name}`, { WRANGLER_OUTPUT_FILE_PATH: output });
      const lines = (await readFile(output, 'utf8')).trim().split('\n');
      const entries = lines.map((line) => JSON.parse(line) as { type: string; targets?: string[] });
      return entries.find(({ type }) => type === 'deploy')?.targets ?? [];
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Runs wrangler without questions. */
  wrangler(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    // What it prints as JSON is a line of its log as well.
    const quiet = { CI: '1', WRANGLER_LOG: 'log', WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1', FORCE_COLOR: '0' };
    const path = [join(this.#root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
    const child = spawn('wrangler', [...args], {
      cwd: this.#root,
      env: { ...process.env, PATH: path, ...quiet, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
      });
    }
    return new Promise((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new DeployError(`wrangler does not start (${cause.message}): is it installed here?`, { cause })),
      );
      child.once('close', (code) => resolve({ code: code ?? 1, ...texts }));
    });
  }

  /** @returns what it prints. @throws {RefusedError} with what it says when it fails. */
  async #succeed(args: readonly string[], what: string, env?: Readonly<Record<string, string>>): Promise<string> {
    const { code, stdout, stderr } = await this.wrangler(args, env);
    if (code === 0) return stdout;
    throw new RefusedError(what, reasonIn(stderr) || reasonIn(stdout) || `exit code ${code}`);
  }
}

/** The lines of an error, without wrangler's frame around them. */
const reasonIn = (text: string): string =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.replace(/^.*\[ERROR\]\s*/, '').trim())
    .filter(
      (line) => line !== '' && !/wrangler \d|^[─-]+$|Logs were written|think this is a bug|newer version/.test(line),
    )
    .join('\n');
