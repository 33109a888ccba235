/** A lock among programs: a file that is there while one of them works. */

import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that crashed leaves its file behind. One that works touches it far more often than this. */
const STALE_MS = 60_000;
const TOUCH_MS = 10_000;
/** Time between two looks at the file of another program. */
const WAIT_MS = 50;

/**
 * Waits for other programs as long as they work.
 * @param path of the file, in a folder that is there.
 * @returns a function that gives the lock back.
 * @throws what the file system throws.
 */
export async function takeLockFile(path: string): Promise<() => Promise<void>> {
  const mark = randomUUID();
  while (!(await tryTake(path, mark))) {
    if (await isStale(path)) await breakStale(path);
    else await sleep(WAIT_MS);
  }
  const touching = setInterval(() => void touch(path), TOUCH_MS);
  touching.unref();
  return async () => {
    clearInterval(touching);
    // It is another program's where this one slept so long that its file was taken for one of a crash.
    if ((await readFile(path, 'utf8').catch(() => '')) === mark) await rm(path, { force: true });
  };
}

async function tryTake(path: string, mark: string): Promise<boolean> {
  try {
    await writeFile(path, mark, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** False too when it has gone meanwhile. */
const isStale = async (path: string): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > STALE_MS,
    () => false,
  );

/**
 * Takes the file of a crashed program away. One program does so at a time, and looks once more: otherwise the second of two
 * could take away what the first one has put there since.
 */
async function breakStale(path: string): Promise<void> {
  const breaking = `${path}.breaking`;
  if (await tryTake(breaking, '')) {
    if (await isStale(path)) await rm(path, { force: true });
    await rm(breaking, { force: true });
  } else if (await isStale(breaking)) await rm(breaking, { force: true });
  else await sleep(WAIT_MS);
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
