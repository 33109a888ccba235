import { expect, test } from 'vitest';
import { parseDateTime } from '../../../shared/encoding/date-time.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';

test.each([
  ['2027-01-31T12:00:00Z', Date.UTC(2027, 0, 31, 12)],
  ['2027-01-31t12:00:00z', Date.UTC(2027, 0, 31, 12)],
  ['2027-01-31T12:00:00.250Z', Date.UTC(2027, 0, 31, 12) + 250],
  ['2027-01-31T12:00:00+01:00', Date.UTC(2027, 0, 31, 11)],
])('%s is read', (text, time) => {
  expect(parseDateTime(text)).toBe(time);
});

test.each(['', 'yesterday', '2027', '2027-01-31', '2027-01-31T12:00Z', '2027-01-31T12:00:00', '2027-13-01T00:00:00Z'])(
  '%j is no date and time of RFC 3339',
  (text) => {
    expect(() => parseDateTime(text)).toThrow(EncodingError);
  },
);
