/** The memory and the CPU that the largest answers and requests take in workerd, with all Workers in one process. */

import { ask, registeredDevice } from '../../test/support/harness.ts';
import { createRawClient } from '../../test/support/raw-client.ts';
import { serveSystem } from '../../test/support/served-system.ts';
import { WHOLE_ANSWER } from '../../test/support/test-origin.ts';

const MIB = 1024 * 1024;
const ANSWER_BYTES = 10 * MIB;
/** With padding and envelope it is below the 10 MiB that an origin reads. */
const REQUEST_BYTES = 9.5 * MIB;
/** The first rounds make the heap as large as it gets. */
const WARM_UP_ROUNDS = 3;
const ROUNDS = 9;

/**
 * @returns a table: for each work the memory before it, and what its peak adds to that, in MiB, and the milliseconds of CPU of
 *   all Workers together; medians of the rounds.
 */
export async function measureMemory(): Promise<string> {
  const system = await serveSystem();
  try {
    const client = await registeredDevice(system);
    const raw = createRawClient(system, client);
    const answer = (path: string, headers: Record<string, string>) => async () => {
      const response = await ask(system, path, client.guid, { headers });
      if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
      await response.arrayBuffer();
    };
    const binary = { Accept: 'application/pkcs7-mime' };
    const large = `/resource/${ANSWER_BYTES}`;
    const body = 'x'.repeat(REQUEST_BYTES);
    const works: Readonly<Record<string, () => Promise<unknown>>> = {
      'answer of 1 KiB, base64': answer('/resource/1024', {}),
      'answer of 10 MiB, binary': answer(large, binary),
      'answer of 10 MiB, base64': answer(large, {}),
      'whole answer of 10 MiB, binary': answer(large, { ...WHOLE_ANSWER, ...binary }),
      'whole answer of 10 MiB, base64': answer(large, { ...WHOLE_ANSWER, Accept: '*/*' }),
      'sealed request of 9.5 MiB': () => raw.askSealed('/nowhere', { method: 'POST', body }),
    };
    const lines = [`${'work'.padEnd(34)}${'before'.padStart(8)}${'more'.padStart(8)}${'CPU'.padStart(8)}`];
    for (const [name, work] of Object.entries(works)) {
      for (let round = 0; round < WARM_UP_ROUNDS; round++) await work();
      const before: number[] = [];
      const more: number[] = [];
      const cpu: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const memory = await system.memory();
        before.push(memory);
        const cpuTime = await system.cpuTime();
        more.push((await system.peakMemory(work)) - memory);
        cpu.push((await system.cpuTime()) - cpuTime);
      }
      const columns = [median(before) / MIB, median(more) / MIB, median(cpu) / 1000];
      lines.push(name.padEnd(34) + columns.map((column) => String(Math.round(column)).padStart(8)).join(''));
    }
    return lines.join('\n');
  } finally {
    await system.close();
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
