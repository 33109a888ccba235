/** Proxies on the way to the edge, as curl takes them from the environment. */

import * as http from 'node:http';
import { UsageError } from './usage-error.ts';

const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/** The variable that names a proxy; undefined where none does. */
export const proxyVariable = (): string | undefined => VARIABLES.find((name) => process.env[name]);

/**
 * Has `fetch` ask by the proxies of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, also in small letters.
 * @throws {UsageError} when one is no URL of a proxy.
 */
export async function useProxies(): Promise<void> {
  const variable = proxyVariable();
  if (variable === undefined) return;
  try {
    // From Node 24.14 on. An older one shares its dispatcher with the library that its fetch is of.
    if ('setGlobalProxyFromEnv' in http) http.setGlobalProxyFromEnv();
    else await useProxiesByLibrary();
  } catch {
    throw new UsageError(`${variable} is no URL of a proxy, such as http://proxy.example.com:3128.`);
  }
}

async function useProxiesByLibrary(): Promise<void> {
  const { EnvHttpProxyAgent, setGlobalDispatcher } = await import('undici-6');
  setGlobalDispatcher(new EnvHttpProxyAgent());
}
