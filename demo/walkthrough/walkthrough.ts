/** npm run demo: tells on one screen what CALE does, or with --verbose prints all messages. Exits with 0 when it all did. */

import { parseArgs, styleText } from 'node:util';
import { openStage, type Stage } from './stage.ts';
import { tellStory } from './story.ts';
import { printTrace } from './trace.ts';

/** @returns undefined when there is an argument that is not known. */
function isVerbose(): boolean | undefined {
  try {
    return parseArgs({ options: { verbose: { type: 'boolean', default: false } } }).values.verbose;
  } catch (error) {
    fail(`${error instanceof Error ? error.message : error}\nUsage: npm run demo [-- --verbose]`);
    return undefined;
  }
}

async function play(show: typeof tellStory): Promise<void> {
  let current = 'starting the Workers';
  let stage: Stage | undefined;
  try {
    stage = await openStage();
    await show(stage, (name) => {
      current = name;
    });
  } catch (error) {
    fail(`Failed at: ${current}\n${error instanceof Error ? error.message : error}`);
  } finally {
    await stage?.close();
  }
}

function fail(text: string): void {
  console.error(`\n${styleText('red', text, { stream: process.stderr })}`);
  process.exitCode = 1;
}

const verbose = isVerbose();
if (verbose !== undefined) await play(verbose ? printTrace : tellStory);
