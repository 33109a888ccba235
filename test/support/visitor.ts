/** A visitor of the demo's page: Chromium with a profile of its own, and what a person does and sees there. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { launch } from './chromium.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core');
const MOST_TABS = 100;

declare global {
  var axe: { run: () => Promise<AxeResults> };
}

export class Visitor {
  readonly page: Page;
  /** Errors of the page, and requests for anything that is not the edge's: no visitor should see one. */
  readonly faults: string[] = [];
  readonly #close: () => Promise<void>;

  private constructor(page: Page, edge: string, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(message.text());
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== edge && protocol !== 'data:') this.faults.push(request.url());
    });
  }

  /** @param edge its origin. */
  static async enter(edge: string): Promise<Visitor> {
    const profile = await mkdtemp(join(tmpdir(), 'cale-tour-'));
    const browser = await launch(profile);
    return new Visitor(await browser.newPage(), edge, async () => {
      await browser.close();
      await rm(profile, { recursive: true });
    });
  }

  leave(): Promise<void> {
    return this.#close();
  }

  /** The text that is shown, of all elements that match. */
  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).allInnerTexts()).join('\n');
  }

  /** Waits for an element with this text. */
  async until(selector: string, text: RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).waitFor();
  }

  /** Waits until the page has asked by itself, and been answered. */
  arrive(): Promise<void> {
    return this.until('#status', /^Opened by/);
  }

  /** Unfolds all that is folded in there. */
  async unfold(selector: string): Promise<void> {
    await this.page.evaluate((within) => {
      for (const fold of document.querySelectorAll(`${within} details`)) fold.setAttribute('open', '');
    }, selector);
  }

  /** Goes from control to control until the one is reached, and presses a key on it. */
  async reachAndPress(selector: string, key = 'Enter'): Promise<void> {
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if (await this.page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) {
        return this.page.keyboard.press(key);
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${selector} is out of the keyboard's reach`);
  }

  /** Violations of accessibility that axe finds, once nothing moves: what fades in has less contrast. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(readFileSync(AXE, 'utf8'));
    await this.page.evaluate(async () => {
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    });
    const results = await this.page.evaluate(() => globalThis.axe.run());
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  isWiderThanTheWindow(): Promise<boolean> {
    return this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  }

  /** Cumulative layout shift, as the web vitals have it: up to 0.1 is called good. */
  layoutShift(): Promise<number> {
    return this.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const sum = (list: PerformanceObserverEntryList) =>
            list.getEntries().reduce((total, entry) => total + (entry as unknown as { value: number }).value, 0);
          new PerformanceObserver((list) => resolve(sum(list))).observe({ type: 'layout-shift', buffered: true });
          // There is no call when there was none.
          setTimeout(resolve, 500, 0);
        }),
    );
  }

  /** The place of an element in the window, in CSS pixels. */
  async place(selector: string): Promise<{ left: number; top: number; right: number; bottom: number }> {
    return this.page.locator(selector).evaluate((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return { left, top, right, bottom };
    });
  }
}
