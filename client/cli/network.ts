/** Proxies on the way to the edge, as curl takes them from the environment. */

import * as http from 'node:http';
import { UsageError } from './usage-error.ts';

const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/** The first variable that names a proxy; undefined where none does. */
export const proxyVariable = (): string | undefined => VARIABLES.find((name) => process.env[name]);

/**
 * Has `fetch` ask by the proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, also in small letters.
 * @throws {UsageError} when one is no URL of a proxy.
 */
export async function useProxies(): Promise<void> {
  if (proxyVariable() === undefined) return;
  const wrong = VARIABLES.find((name) => process.env[name] && !/^https?:$/.test(protocolOf(process.env[name])));
  if (wrong !== undefined)
    throw new UsageError(`${wrong} is no URL of a proxy, such as http://proxy.example.com:3128.`);
  // From Node 24.14 on. An older one shares its dispatcher with the library that its fetch is of.
  if ('setGlobalProxyFromEnv' in http) http.setGlobalProxyFromEnv();
  else await useProxiesByLibrary();
}

const protocolOf = (url = ''): string => (URL.canParse(url) ? new URL(url).protocol : '');

async function useProxiesByLibrary(): Promise<void> {
  const { EnvHttpProxyAgent, setGlobalDispatcher } = await import('./undici.ts');
  setGlobalDispatcher(new EnvHttpProxyAgent());
}
