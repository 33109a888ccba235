/** Commands at a terminal, which the `script` of util-linux makes. */

import { spawn, spawnSync } from 'node:child_process';

/** False where there is another `script`, as on macOS, or none. */
export const hasTerminal = String(spawnSync('script', ['--version']).stdout).includes('util-linux');

/** A question, and the line that is typed when it is shown. */
export type Answer = readonly [question: string, line: string];

/** @returns the exit code of the command, and all that the terminal showed. */
export function runAtTerminal(command: string, answers: readonly Answer[]): Promise<{ code: number; shown: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', command, '/dev/null']);
    const left = [...answers];
    let shown = '';
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, shown }));
    child.stdout.on('data', (data: Buffer) => {
      shown += data;
      const [next] = left;
      if (next === undefined || !shown.includes(next[0])) return;
      left.shift();
      child.stdin.write(`${next[1]}\r`);
    });
  });
}
