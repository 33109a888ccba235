/** Known against unknown GUIDs in requests that are unusual in one thing. */

import { judge } from '../judging/judge.ts';
import type { Row } from '../judging/row.ts';
import { VARIANTS, type Variant } from './header-variants.ts';
import { CONSTANT, type Subject } from './routes.ts';
import { sample } from './sampling.ts';
import type { Stage } from './stage.ts';

const PER_SIDE = 60;
const CONNECTIONS = 4;

export async function* measureVariants({ deployment, facts, known, unknown }: Stage): AsyncGenerator<Row[]> {
  for (const [name, variant] of Object.entries(VARIANTS)) {
    const answers = await sample({
      url: facts.url,
      ours: known,
      theirs: unknown,
      perSide: PER_SIDE,
      connections: CONNECTIONS,
      message: (subject) => vary(subject, variant),
    });
    const of = { deployment: deployment.kind.name, case: `variant: ${name}`, least: PER_SIDE, isTimed: false };
    yield judge(of, answers);
  }

  async function vary(subject: Subject, variant: Variant) {
    const usual = await CONSTANT.message(subject, 'plain', facts);
    return { ...usual, ...variant, headers: { ...usual.headers, ...variant.headers } };
  }
}
