/**
 * The last step of a deployment: the real client does at a deployed edge what clients do.
 *   CALE_BASIC=alice:wonderland node demo/smoke-test/smoke-test.ts https://api.example.com [--read /path] [--write /path]
 */

import { parseArgs } from 'node:util';
import { SmokeError, testEdge } from '../../client/cli/smoke-test.ts';

try {
  const { values, positionals } = parseArgs({
    options: { read: { type: 'string', default: '/balance' }, write: { type: 'string' } },
    allowPositionals: true,
  });
  const [url = ''] = positionals;
  await testEdge({ url, basic: process.env['CALE_BASIC'] ?? '', read: values.read, write: values.write });
} catch (error) {
  if (!(error instanceof SmokeError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
