/**
 * Writes the vectors of `test/vectors/cale`: `npm run vectors`. What is random is made once, and kept from then on. With
 * --check it writes nothing, and says whether the files are as they would be written, and whether the library agrees.
 */

import { disagreements } from './disagreements.ts';
import { readVectors, staleVectors, writeVectors } from './files.ts';
import { makeVectors } from './make.ts';

const kept = readVectors();
const vectors = await makeVectors(kept);
const isCheck = process.argv.includes('--check');
const stale = isCheck
  ? staleVectors(vectors).map((name) => `${name}.json is not as it would be written: npm run vectors`)
  : [];
if (!isCheck) writeVectors(vectors);
const faults = [...stale, ...(await disagreements(vectors))];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
