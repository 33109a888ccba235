/** Counts of the requests that one party handled in one isolate, and data points for Analytics Engine. No word of clients. */

import type { RequestLine, RequestParty } from '../log.ts';
import { bindingSetting } from '../settings.ts';

/** An `analytics_engine_datasets` binding. */
export interface MetricsDataset {
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
}

/**
 * @returns the binding `METRICS`; undefined where there is none.
 * @throws {ConfigError} when it is another kind of binding.
 */
export const metricsFromSettings = (env: object): MetricsDataset | undefined =>
  (env as { METRICS?: unknown }).METRICS === undefined
    ? undefined
    : bindingSetting<MetricsDataset>(env, 'METRICS', 'writeDataPoint');

/** The media type of the text that Prometheus reads. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Count {
  requests: number;
  milliseconds: number;
}

export class RequestCounts {
  readonly #party: RequestParty;
  readonly #dataset: MetricsDataset | undefined;
  /** By the labels of route and outcome. */
  readonly #counts = new Map<string, Count>();
  #isolate: string | undefined;

  constructor(party: RequestParty, dataset: MetricsDataset | undefined) {
    this.#party = party;
    this.#dataset = dataset;
  }

  /** Counts a request, and writes one data point where there is a dataset: for every request alike. */
  add({ route, outcome, milliseconds }: RequestLine): void {
    const labels = `route="${route}",outcome="${outcome}"`;
    const count = this.#counts.get(labels) ?? { requests: 0, milliseconds: 0 };
    count.requests += 1;
    count.milliseconds += milliseconds;
    this.#counts.set(labels, count);
    this.#dataset?.writeDataPoint({
      indexes: [this.#party],
      blobs: [this.#party, route, outcome],
      doubles: [milliseconds],
    });
  }

  /** @returns the counts as Prometheus reads them. The label `isolate` says that they are those of one of many. */
  text(): string {
    // Drawn late, because there is no randomness while a Worker starts.
    this.#isolate ??= crypto.randomUUID().slice(0, 8);
    const own = `party="${this.#party}",isolate="${this.#isolate}"`;
    const samples = (name: string, of: (count: Count) => number): string[] =>
      [...this.#counts].map(([labels, count]) => `${name}{${own},${labels}} ${of(count)}`);
    return [
      '# HELP cale_requests_total Requests that one isolate handled since it started.',
      '# TYPE cale_requests_total counter',
      ...samples('cale_requests_total', ({ requests }) => requests),
      '# HELP cale_request_milliseconds_total Milliseconds that they took together.',
      '# TYPE cale_request_milliseconds_total counter',
      ...samples('cale_request_milliseconds_total', ({ milliseconds }) => milliseconds),
      '',
    ].join('\n');
  }
}

/**
 * @param texts of several parties.
 * @returns one text, in which each metric is described once, and its samples stand together.
 */
export function joinMetrics(texts: readonly string[]): string {
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  const names = [...new Set(lines.map(nameOf))];
  const ordered = names.flatMap((name) => [...new Set(lines.filter((line) => nameOf(line) === name))]);
  return `${ordered.join('\n')}\n`;
}

/** @returns the name of the metric that a line is about. */
const nameOf = (line: string): string => /^(?:# (?:HELP|TYPE) )?(\w+)/.exec(line)?.[1] ?? '';
