/** Malformed against unknown GUIDs. */

import type { Row } from '../judging/row.ts';
import { malformedGuids } from '../population/guids.ts';
import { sampleAndJudge } from './measure-routes.ts';
import { CONSTANT, WRITING } from './routes.ts';
import { sample } from './sampling.ts';
import { type Stage, seen } from './stage.ts';

const CONNECTIONS = 8;

export async function* measureMalformed(stage: Stage): AsyncGenerator<Row[]> {
  const { deployment, facts, scale, unknown } = stage;
  const malformed = await seen(facts.url, malformedGuids(unknown.length));
  for (const route of [CONSTANT, WRITING]) {
    const name = `malformed against unknown: ${route.name}`;
    yield sampleAndJudge(name, deployment.kind.name, scale, scale.clients, true, () =>
      sample({
        url: facts.url,
        ours: malformed,
        theirs: unknown,
        perSide: scale.perSide,
        connections: CONNECTIONS,
        message: (subject) => route.message(subject, 'plain', facts),
      }),
    );
  }
}
