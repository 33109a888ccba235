import { expect, test } from 'vitest';
import { isAllowedOrigin, isOriginSetting } from '../../../../workers/edge/allowed-origins.ts';

test.each([
  ['*', 'https://any.example.com', true],
  ['*', 'null', true],
  ['https://app.example.com', 'https://app.example.com', true],
  ['https://app.example.com', 'http://app.example.com', false],
  ['https://app.example.com', 'https://app.example.com:8443', false],
  ['http://localhost:*', 'http://localhost', true],
  ['http://localhost:*', 'http://localhost:5173', true],
  ['http://localhost:*', 'https://localhost:5173', false],
  ['http://localhost:*', 'http://localhost.example.com', false],
  ['http://localhost:*', 'http://127.0.0.1:5173', false],
  ['http://127.0.0.1:*', 'http://127.0.0.1:5173', true],
  ['http://[::1]:*', 'http://[::1]:5173', true],
  ['http://localhost:*', 'null', false],
])('%s lets %s ask: %s', (setting, origin, isAllowed) => {
  expect(isOriginSetting(setting)).toBe(true);
  expect(isAllowedOrigin(new Set([setting]), origin)).toBe(isAllowed);
});

test.each([
  '',
  'app.example.com',
  'https://app.example.com/',
  'https://app.example.com:*',
  'https://*.example.com',
  ':*',
])('%j is no setting', (setting) => {
  expect(isOriginSetting(setting)).toBe(false);
});
