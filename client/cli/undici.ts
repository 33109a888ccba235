/** The parts of undici, the library of Node's own fetch, for versions of Node that know no proxies. Loaded on demand. */

export { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici-6';
