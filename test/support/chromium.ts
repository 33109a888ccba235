/** A real browser: Debian's Chromium, where it is installed. */

import { existsSync } from 'node:fs';
import { type BrowserContext, chromium } from 'playwright-core';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const hasChromium = existsSync(CHROMIUM);

/** @param userData folder of the profile: what is stored there is there again in the next launch. */
export function launch(userData: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(userData, { executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
}
