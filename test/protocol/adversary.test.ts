/** The short form of `npm run adversary`: known against unknown GUIDs, by all that can be seen but the clock. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONSTANT, type Subject } from '../../adversary/cases/routes.ts';
import { exchangeAll } from '../../adversary/cases/sampling.ts';
import type { Stage } from '../../adversary/cases/stage.ts';
import { judge } from '../../adversary/judging/judge.ts';
import { hasFailed } from '../../adversary/judging/row.ts';
import { DEPLOYMENTS } from '../../adversary/serving/deployment.ts';
import { measureStageShort, setStageShort } from '../../adversary/short.ts';

describe.each(DEPLOYMENTS)('in the deployment $name', (kind) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStageShort(kind);
  });
  afterAll(() => stage.deployment.close());

  test('unknown GUIDs are not told from known ones', async () => {
    const failed = (await measureStageShort(stage)).filter(hasFailed);
    expect(failed.map((row) => `${row.case}: ${row.feature} ${row.figure.toFixed(3)}`)).toEqual([]);
  });

  test('one byte more is told', async () => {
    const half = stage.known.length / 2;
    const ask = async (subject: Subject, isOurs: boolean) => {
      const message = await CONSTANT.message(subject, 'plain', stage.facts);
      return { isOurs, subject, message: { ...message, path: isOurs ? '/resource/301' : '/resource/300' } };
    };
    const asked = await Promise.all(stage.known.map((subject, at) => ask(subject, at < half)));
    const answers = await exchangeAll(stage.facts.url, 1, asked);
    const rows = judge({ deployment: kind.name, case: 'one byte more', least: half, isTimed: false }, answers);
    expect(rows.filter(hasFailed).map(({ feature }) => feature)).toContain('content-length');
    expect(rows.find(({ feature }) => feature === 'head')?.figure).toBe(0.5);
  });
});
