import type { BuildOptions } from 'esbuild';
import { ROOT } from '../../scripts/workers.ts';

/** How a bundler of an application builds it for browsers. */
export const BROWSER_BUILD: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
};
