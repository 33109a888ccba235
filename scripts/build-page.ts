/** Builds the demo's page: one file without anything external, for the edge of the tour to be bundled with. */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './workers.ts';

const OUTPUT = join(ROOT, 'build/page.html');

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`demo/page/${entry}`],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2023', 'chrome123', 'firefox120', 'safari17.5'],
    write: false,
  });
  return outputFiles[0]?.text.trim() ?? '';
}

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const [script, style] = await Promise.all([bundle('main.ts'), bundle('style.css')]);
const policy = [
  "default-src 'none'",
  `script-src ${sourceOf(script)}`,
  `style-src ${sourceOf(style)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
/** The references of the page while it is written, and the text that replaces each. */
const INLINED = {
  '<link rel="stylesheet" href="style.css" />': `<meta http-equiv="Content-Security-Policy" content="${policy}" /><style>${style}</style>`,
  '<script type="module" src="main.ts"></script>': `<script type="module">${script}</script>`,
};
let page = readFileSync(join(ROOT, 'demo/page/index.html'), 'utf8');
for (const [reference, inlined] of Object.entries(INLINED)) {
  if (!page.includes(reference)) throw new Error(`demo/page/index.html lacks ${reference}`);
  page = page.replace(reference, () => inlined);
}

mkdirSync(join(ROOT, 'build'), { recursive: true });
// Several builds may run at once: each sees a whole file.
writeFileSync(`${OUTPUT}.${process.pid}`, page);
renameSync(`${OUTPUT}.${process.pid}`, OUTPUT);
