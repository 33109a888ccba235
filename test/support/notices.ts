/** Tells once, before all tests, which of them are skipped here: what tests print is shown only when they fail. */

import { CHROMIUM, hasChromium } from './chromium.ts';
import { absenceOf, EXAMPLES, isSkipped } from './examples.ts';
import { absentSuites } from './suites.ts';
import { hasTerminal } from './terminal.ts';

export default function setup(): void {
  for (const path of absentSuites()) {
    console.warn(`Skipped: tests with ${path}, which is not there. CALE_SUITES says where the suites of others are.`);
  }
  if (!hasChromium) console.warn(`Skipped: tests in a browser. There is no Chromium at ${CHROMIUM}.`);
  for (const example of EXAMPLES) {
    if (isSkipped(example)) console.warn(`Skipped: ${absenceOf(example)}`);
  }
  if (!hasTerminal) console.warn('Skipped: tests at a terminal. There is no `script` of util-linux.');
}
