/** Starting a Worker in Node, as far as its settings: its entry point runs, with nothing behind it. */

import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../workers.ts';
import { type Check, prepareEnvironment, recordedReads } from './recorder.ts';

const urlOf = (path: string): string => pathToFileURL(join(ROOT, path)).href;

const SETTINGS = urlOf('shared/settings.ts');
const RECORDED_SETTINGS = urlOf('scripts/docs/configuration/recorded-settings.ts');
/** What projects have from the package, and what the platform gives. */
const SOURCES: Readonly<Record<string, string>> = {
  'cloudflare:workers': urlOf('scripts/docs/configuration/platform.ts'),
  'cale-workers/edge': urlOf('workers/edge/exports.ts'),
  'cale-workers/authority/openapi': urlOf('workers/authority/open-api.ts'),
  'cale-workers/authority': urlOf('workers/authority/exports.ts'),
  'cale-workers/origin': urlOf('origin/index.ts'),
  'cale-workers/origin/hono': urlOf('origin/hono.ts'),
};
/** Texts are no matter of settings, and Node imports none. */
const EMPTY_TEXT = 'data:text/javascript,export default "";';

registerHooks({
  resolve(specifier, context, next) {
    const source = SOURCES[specifier];
    if (source !== undefined) return { url: source, shortCircuit: true };
    if (/\.(?:html|txt)$/.test(specifier)) return { url: EMPTY_TEXT, shortCircuit: true };
    const resolved = next(specifier, context);
    const isReplaced = resolved.url === SETTINGS && context.parentURL !== RECORDED_SETTINGS;
    return isReplaced ? { ...resolved, url: RECORDED_SETTINGS } : resolved;
  },
});

/** What came of a start. */
export interface Start {
  readonly reads: ReadonlyMap<string, Check>;
  /** Undefined when the Worker started. */
  readonly error: Error | undefined;
}

let starts = 0;

/** @param main the entry point of a Worker, relative to the top. */
export async function startWorker(main: string, env: Readonly<Record<string, unknown>>): Promise<Start> {
  prepareEnvironment(env);
  starts += 1;
  try {
    await import(`${urlOf(main)}?start=${starts}`);
    return { reads: recordedReads(), error: undefined };
  } catch (error) {
    return { reads: recordedReads(), error: error as Error };
  }
}
