/** Making all files of vectors, out of those that are there. */

import { makeBinaryHttp } from './binary-http.ts';
import { makeCredentials } from './credentials.ts';
import { makeEdge } from './edge.ts';
import { KeptTests } from './kept.ts';
import { importKeys, makeKeys } from './keys.ts';
import { makeRegistration } from './registration.ts';
import type { Vectors } from './schema.ts';
import { makeSealedAnswers } from './sealed-answers.ts';
import { makeSealedRequests } from './sealed-requests.ts';
import { makeSignedAnswers } from './signed-answers.ts';
import { makeSignedRequests } from './signed-requests.ts';
import { makeWhoami } from './whoami.ts';

/** @param kept files that are there; the tests in them are kept where they are still asked for. */
export async function makeVectors(kept: Partial<Vectors>): Promise<Vectors> {
  const keys = await makeKeys(new KeptTests(kept.keys));
  const find = await importKeys(keys);
  const edge = await makeEdge(kept.edge);
  return {
    keys,
    edge,
    registration: await makeRegistration(new KeptTests(kept.registration), find),
    'sealed-answers': await makeSealedAnswers(new KeptTests(kept['sealed-answers']), find),
    'binary-http': makeBinaryHttp(),
    'signed-answers': await makeSignedAnswers(new KeptTests(kept['signed-answers']), find, edge),
    'signed-requests': await makeSignedRequests(new KeptTests(kept['signed-requests']), find),
    'sealed-requests': await makeSealedRequests(new KeptTests(kept['sealed-requests']), find, edge),
    credentials: await makeCredentials(new KeptTests(kept.credentials), find),
    whoami: await makeWhoami(new KeptTests(kept.whoami), find, edge),
  };
}
