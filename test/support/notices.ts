/** Tells once, before all tests, which of them are skipped here: what tests print is shown only when they fail. */

import { CHROMIUM, hasChromium } from './chromium.ts';
import { absenceOf, EXAMPLES, isSkipped } from './examples.ts';
import { NEWER_SYSTEM, Place } from './foreign/place.ts';
import { absentSuites } from './suites.ts';
import { missingPrograms, SYSTEM_BROWSERS } from './system-browser.ts';
import { hasTerminal } from './terminal.ts';

export default function setup(): void {
  for (const path of absentSuites()) {
    console.warn(`Skipped: tests with ${path}, which is not there. CALE_SUITES says where the suites of others are.`);
  }
  for (const browser of SYSTEM_BROWSERS) {
    const missing = missingPrograms(browser);
    if (missing.length > 0)
      console.warn(`Skipped: the client's tests in ${browser.name}. There is no ${missing.join(', ')}.`);
  }
  if (!hasChromium) console.warn(`Skipped: tests in a browser. There is no Chromium at ${CHROMIUM}.`);
  for (const example of EXAMPLES) {
    if (isSkipped(example)) console.warn(`Skipped: ${absenceOf(example)}`);
  }
  const programs = ['certtool', 'cmsutil', 'gpgsm'].filter((program) => !new Place().has(program));
  if (programs.length > 0) console.warn(`Skipped: interop tests with ${programs.join(', ')}, which are not installed.`);
  for (const [program, tools] of [
    ['openssl', 'newer tools'],
    ['swiftc', 'the client in Swift'],
  ] as const) {
    if (!new Place(NEWER_SYSTEM).has(program))
      console.warn(`Skipped: interop tests with ${tools}. test/interop/foreign/newer-tools gets them, as root.`);
  }
  if (!hasTerminal) console.warn('Skipped: tests at a terminal. There is no `script` of util-linux.');
}
