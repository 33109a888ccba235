/** The configurations of the Workers, and those that `cale init` writes. */

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { ALL_WORKERS, ROOT } from '../../scripts/workers.ts';

const TEMPLATE = ['edge', 'authority', 'origin', 'resource'].map((name) => `template/workers/${name}/wrangler.toml`);

test.each([...ALL_WORKERS.map(({ config }) => config), ...TEMPLATE])(
  '%s has no log of invocations kept, which would hold GUIDs and certificates, and no query strings',
  (config) => {
    const { observability } = unstable_readConfig({ config: join(ROOT, config) });
    expect(observability).toMatchObject({ enabled: true, redact_query_string: true, logs: { invocation_logs: false } });
    expect(observability.traces?.enabled ?? false).toBe(false);
  },
);
