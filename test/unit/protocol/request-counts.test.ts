import { expect, test } from 'vitest';
import { joinMetrics, metricsFromSettings, RequestCounts } from '../../../shared/protocol/request-counts.ts';
import { RequestTrace } from '../../../shared/protocol/request-trace.ts';

const line = (route: string, status: number) => ({
  ...new RequestTrace('an-id').line(route, 'GET', status),
  guid: 'a-hash',
  milliseconds: 7,
});

test('requests are counted by route and outcome, with the time that they took', () => {
  const counts = new RequestCounts('edge', undefined);
  for (const [route, status] of [
    ['whoami', 200],
    ['whoami', 200],
    ['whoami', 400],
    ['resource', 503],
  ] as const) {
    counts.add(line(route, status));
  }
  const samples = counts
    .text()
    .split('\n')
    .filter((each) => !each.startsWith('#') && each !== '');
  expect(samples.map((each) => each.replace(/isolate="[0-9a-f]{8}",/, ''))).toEqual([
    'cale_requests_total{party="edge",route="whoami",outcome="answered"} 2',
    'cale_requests_total{party="edge",route="whoami",outcome="refused"} 1',
    'cale_requests_total{party="edge",route="resource",outcome="unavailable"} 1',
    'cale_request_milliseconds_total{party="edge",route="whoami",outcome="answered"} 14',
    'cale_request_milliseconds_total{party="edge",route="whoami",outcome="refused"} 7',
    'cale_request_milliseconds_total{party="edge",route="resource",outcome="unavailable"} 7',
  ]);
});

test('each request is one data point, which holds nothing of its client', () => {
  const points: object[] = [];
  const counts = new RequestCounts('authority', { writeDataPoint: (point) => points.push(point) });
  counts.add(line('validate', 200));
  expect(points).toEqual([{ indexes: ['authority'], blobs: ['authority', 'validate', 'answered'], doubles: [7] }]);
});

test('the texts of two parties are one, in which each metric is described once and stands together', () => {
  const [edge, authority] = [new RequestCounts('edge', undefined), new RequestCounts('authority', undefined)];
  edge.add(line('whoami', 200));
  authority.add(line('whoami', 200));
  const names = joinMetrics([edge.text(), authority.text()])
    .trim()
    .split('\n')
    .map((each) => /^(# (?:HELP|TYPE) )?\w+/.exec(each)?.[0]);
  expect(names).toEqual([
    '# HELP cale_requests_total',
    '# TYPE cale_requests_total',
    'cale_requests_total',
    'cale_requests_total',
    '# HELP cale_request_milliseconds_total',
    '# TYPE cale_request_milliseconds_total',
    'cale_request_milliseconds_total',
    'cale_request_milliseconds_total',
  ]);
});

test('METRICS is a dataset, or is not bound', () => {
  const dataset = { writeDataPoint: () => {} };
  expect(metricsFromSettings({ METRICS: dataset })).toBe(dataset);
  expect(metricsFromSettings({})).toBeUndefined();
  expect(() => metricsFromSettings({ METRICS: 'cale' })).toThrow('METRICS is missing');
});
