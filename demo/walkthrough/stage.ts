/** All Workers on free ports, with a tap in each binding between them. */

import '../../scripts/local-runs.ts';
import { setTimeout } from 'node:timers/promises';
import { createTestHarness } from 'wrangler';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { ROOT, WORKERS } from '../../scripts/workers.ts';
import type { Passage } from './passage.ts';

interface Tap {
  readonly from: string;
  readonly to: string;
  readonly binding: string;
  /** Of the party that the binding leads to, where it is not the default one. */
  readonly entrypoint?: string;
}

const TAPS: readonly Tap[] = [
  { from: 'edge', to: 'authority', binding: 'AUTHORITY' },
  { from: 'edge', to: 'authority', binding: 'ADMINISTRATION', entrypoint: 'Administration' },
  { from: 'edge', to: 'origin', binding: 'ORIGIN' },
  { from: 'origin', to: 'resource', binding: 'RESOURCE' },
];

/** The lag of the log behind an answer: it comes through a pipe of its own. */
const LOG_LAG_MS = 50;

const tapName = ({ from, binding }: Tap): string => `tap-${from}-${binding.toLowerCase()}`;

export interface Stage {
  readonly url: URL;
  /** Takes the messages that passed between the parties since the last call. */
  readonly passages: () => Promise<Passage[]>;
  readonly close: () => Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const secrets = await createDevelopmentSecrets();
  const server = createTestHarness({
    root: ROOT,
    workers: [
      ...WORKERS.map(({ name, config }) => ({
        configPath: config,
        secrets: secrets[name],
        bindingOverrides: Object.fromEntries(
          TAPS.filter(({ from }) => from === name).map((tap) => [tap.binding, tapName(tap)]),
        ),
      })),
      ...TAPS.map((tap) => ({
        config: {
          name: tapName(tap),
          main: 'demo/walkthrough/tap.ts',
          compatibility_date: '2026-11-02',
          services: [
            { binding: 'NEXT', service: `cale-${tap.to}`, ...(tap.entrypoint && { entrypoint: tap.entrypoint }) },
          ],
          vars: { FROM: tap.from, TO: tap.to },
        },
      })),
    ],
  });
  const { url } = await server.listen();
  return {
    url,
    async passages() {
      await setTimeout(LOG_LAG_MS);
      const passages = server.getLogs().flatMap(({ message }) => passagesIn(message));
      server.clearLogs();
      return passages;
    },
    close: () => server.close(),
  };
}

/** The passage that a line of the log holds, if it holds one. */
function passagesIn(message: string): Passage[] {
  const start = message.indexOf('{"tap":true');
  return start < 0 ? [] : [JSON.parse(message.slice(start)) as Passage];
}
