/** npm run dev: all Workers in one workerd, in front of the demo API or of one of your own. */

import './local-runs.ts';
import { join } from 'node:path';
import { isLoopback } from '../shared/protocol/loopback.ts';
import { banner } from './dev/banner.ts';
import { type Configurations, prepareConfigurations } from './dev/configurations.ts';
import { DevError, type DevOptions, parseOptions, USAGE } from './dev/options.ts';
import { assertPortIsFree, firstAnswer } from './dev/port.ts';
import { ensureSecrets } from './dev/secrets.ts';
import { faultOfUpstream, parseUpstream } from './dev/upstream.ts';
import { startWrangler, type Wrangler } from './dev/wrangler.ts';
import { ROOT } from './workers.ts';

/** Pages of this machine may call the edge; the tour is there. */
const DEFAULTS = {
  DEMO: 'on',
  ALLOWED_ORIGINS: 'http://localhost:*,http://127.0.0.1:*',
  // The same few users register again and again.
  CREDENTIALS_PER_OWNER: '1000',
};

// Otherwise a Worker of another run on this machine could be taken for one of this.
process.env['WRANGLER_REGISTRY_PATH'] ??= join(ROOT, '.wrangler/registry');

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.isHelp) console.log(USAGE);
  else await run(options);
} catch (error) {
  if (!(error instanceof DevError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function run(options: DevOptions): Promise<void> {
  const { ip, port, isVerbose, others } = options;
  const api = apiOf(options);
  const vars = new Map([...Object.entries(DEFAULTS), ...(api?.vars ?? []), ...options.vars]);
  await assertPortIsFree(ip, port);
  if (await ensureSecrets()) console.log('Made a development authority and users, in files named .dev.vars.');
  const configurations = prepareConfigurations(vars, api !== undefined);
  const wrangler = startWrangler(
    [
      ...configurations.paths.flatMap((path) => ['-c', path]),
      ...['--ip', ip, '--port', String(port)],
      ...(isVerbose ? [] : ['--show-interactive-dev-session=false']),
      ...[...vars].flatMap(([name, value]) => ['--var', `${name}:${value}`]),
      ...others,
    ],
    isVerbose,
  );
  exitWith(wrangler, configurations);
  const protocol = others.join(' ').includes('--local-protocol=https') ? 'https' : 'http';
  const url = `${protocol}://${ip}:${port}`;
  await wrangler.listening;
  // Its first answer comes when every Worker has started. If one does not, wrangler ends, and nothing comes.
  await firstAnswer(`${url}/.well-known/cale`);
  wrangler.showAll();
  const fault = api?.url && (await faultOfUpstream(api.url));
  console.log(banner({ url, vars, api: api?.name, fault }));
}

/** The API of one's own that the run is in front of. */
interface Api {
  readonly name: string;
  /** Undefined: there are several. */
  readonly url: URL | undefined;
  /** Variables of the gateway. */
  readonly vars: readonly (readonly [name: string, value: string])[];
}

/** @returns undefined when the run is in front of the demo API. */
function apiOf({ upstream, vars, ip, port }: DevOptions): Api | undefined {
  const [text, table] = [upstream ?? vars.get('UPSTREAM'), vars.get('UPSTREAMS')];
  // On this machine http is as good as anything.
  const http = ['UPSTREAM_HTTP', 'anywhere'] as const;
  if (text === undefined) {
    return table === undefined ? undefined : { name: 'the APIs of UPSTREAMS', url: undefined, vars: [http] };
  }
  if (table !== undefined)
    throw new DevError('Give one API by --upstream, or several by --var UPSTREAMS, and not both.');
  const url = parseUpstream(text);
  const isSelf = Number(url.port) === port && (isLoopback(url) || url.hostname === ip);
  if (isSelf) throw new DevError(`--upstream ${text} is where the edge itself is to listen: choose another --port.`);
  return { name: text, url, vars: [['UPSTREAM', text], http] };
}

/** Ends everything with the terminal, with npm, and with wrangler. */
function exitWith(wrangler: Wrangler, configurations: Configurations): void {
  let isWanted = false;
  const end = () => {
    isWanted = true;
    wrangler.end();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  if (process.env['npm_lifecycle_event'] !== undefined) {
    // npm does not pass on that it was ended: without this check the Workers would go on.
    const npm = process.ppid;
    setInterval(() => process.ppid !== npm && end(), 1000).unref();
  }
  void wrangler.ended.then((code) => {
    configurations.remove();
    if (!isWanted && !wrangler.hasSpoken()) console.error('The tools have ended without a word: try --verbose.');
    process.exit(isWanted ? 0 : code || 1);
  });
}
