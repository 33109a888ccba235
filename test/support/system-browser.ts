/**
 * Browsers of Debian that Vitest's own providers do not drive: Firefox ESR and WebKitGTK's MiniBrowser. A provider has to
 * do no more than open a page, because the tests run in the page and report by its WebSocket.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineBrowserProvider } from '@vitest/browser';
import type { BrowserProvider, BrowserProviderOption } from 'vitest/node';

export interface SystemBrowser {
  /** As the project of its tests is called. */
  readonly name: string;
  /** Programs that it takes. */
  readonly programs: readonly string[];
  /** @param profile an empty folder. */
  readonly command: (profile: string, url: string) => readonly string[];
  /** Files of the profile, by their names. */
  readonly files: Readonly<Record<string, string>>;
}

/** What would ask the network, or the person. */
const FIREFOX_SETTINGS = `
user_pref('app.normandy.enabled', false);
user_pref('app.update.enabled', false);
user_pref('browser.aboutwelcome.enabled', false);
user_pref('browser.safebrowsing.malware.enabled', false);
user_pref('browser.safebrowsing.phishing.enabled', false);
user_pref('browser.shell.checkDefaultBrowser', false);
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('dom.disable_open_during_load', false);
user_pref('extensions.update.enabled', false);
user_pref('network.captive-portal-service.enabled', false);
user_pref('network.connectivity-service.enabled', false);
user_pref('services.settings.server', 'http://127.0.0.1:9/');
user_pref('toolkit.telemetry.reportingpolicy.firstRun', false);
`;

export const FIREFOX: SystemBrowser = {
  name: 'firefox',
  programs: [process.env['FIREFOX'] ?? '/usr/bin/firefox-esr'],
  command: (profile, url) => [FIREFOX.programs[0] ?? '', '--headless', '--no-remote', '--profile', profile, url],
  files: { 'user.js': FIREFOX_SETTINGS },
};

/** It has no headless mode, so it runs on a screen of memory. */
export const WEBKIT: SystemBrowser = {
  name: 'webkit',
  programs: [process.env['WEBKIT'] ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', '/usr/bin/xvfb-run'],
  command: (_, url) => ['/usr/bin/xvfb-run', '-a', WEBKIT.programs[0] ?? '', '--private', url],
  files: {},
};

export const SYSTEM_BROWSERS = [FIREFOX, WEBKIT];

/** Programs of the browser that are not installed here. */
export const missingPrograms = ({ programs }: SystemBrowser): string[] => programs.filter((path) => !existsSync(path));

/** @returns a provider for the browser mode of Vitest. */
export const systemBrowser = (browser: SystemBrowser): BrowserProviderOption =>
  defineBrowserProvider({
    name: browser.name,
    options: {},
    providerFactory(project) {
      // Asked for before each file of tests. No test of the client depends on the size of the window.
      project.browser?.registerCommand('__vitest_viewport' as never, (() => undefined) as never);
      return new SystemBrowserProvider(browser);
    },
  });

class SystemBrowserProvider implements BrowserProvider {
  readonly name: string;
  readonly supportsParallelism = false;
  readonly #browser: SystemBrowser;
  readonly #running: { readonly process: ChildProcess; readonly profile: string }[] = [];

  constructor(browser: SystemBrowser) {
    this.name = browser.name;
    this.#browser = browser;
  }

  getCommandsContext(): Record<string, unknown> {
    return {};
  }

  async openPage(_: string, url: string): Promise<void> {
    const profile = await mkdtemp(join(tmpdir(), `cale-${this.name}-`));
    for (const [name, text] of Object.entries(this.#browser.files)) await writeFile(join(profile, name), text);
    const [program = '', ...args] = this.#browser.command(profile, url);
    const child = spawn(program, args, {
      stdio: 'ignore',
      // A group of its own, because a browser is several processes.
      detached: true,
      env: { ...process.env, HOME: profile, XDG_RUNTIME_DIR: profile },
    });
    this.#running.push({ process: child, profile });
    // A run that is broken off closes nothing.
    process.once('exit', () => endGroup(child));
  }

  async close(): Promise<void> {
    for (const { process: child, profile } of this.#running.splice(0)) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      if (endGroup(child)) await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

/** @returns true when it was running. */
function endGroup({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  process.kill(-pid);
  return true;
}
