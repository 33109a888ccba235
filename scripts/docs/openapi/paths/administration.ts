/** Administration, below /admin. */

import type { Problem } from '../../../../shared/protocol/problem.ts';
import { parametersOf } from '../parameters.ts';
import { EDGE, GET, json, refusals } from '../responses.ts';
import { schemaRef } from '../schema.ts';

const ADMINISTRATOR: readonly Problem[] = ['admin-token-required', 'admin-access-required'];
const QUERY = parametersOf('Owner', 'Device', 'Before', 'UnusedSince', 'Cursor');
const AT_LEAST_ONE = 'At least one of `owner`, `device`, `before` and `unusedSince`; all that are given have to hold.';
/** With a token, and where it is set so an assertion of Cloudflare Access beside it. */
const security = [{ administrator: [] }, { administrator: [], access: [] }];
const tags = ['Administration'];

const bodyOf = (name: string) => ({
  required: true,
  content: { 'application/json': { schema: schemaRef(name) } },
});

export const ADMINISTRATION_PATHS = {
  '/admin/credentials': {
    get: {
      operationId: 'listCredentials',
      tags,
      security,
      summary: 'Lists credentials',
      description: AT_LEAST_ONE,
      parameters: QUERY,
      responses: {
        200: json('AdministeredCredentials', 'The credentials that match.'),
        ...refusals(...ADMINISTRATOR, 'query-malformed', ...GET),
      },
    },
    delete: {
      operationId: 'revokeCredentials',
      tags,
      security,
      summary: 'Revokes credentials',
      description: `${AT_LEAST_ONE} Where the answer has a \`cursor\`, the same request has to follow with it.`,
      parameters: QUERY,
      responses: {
        200: json('RevokedCount', 'What was revoked.'),
        ...refusals(...ADMINISTRATOR, 'query-malformed', ...EDGE),
      },
    },
  },
  '/admin/credentials/{guid}': {
    delete: {
      operationId: 'revokeCredential',
      tags,
      security,
      summary: 'Revokes a credential, and its renewal when that was not used yet',
      parameters: parametersOf('Guid'),
      responses: { 200: json('RevokedCount', 'What was revoked.'), ...refusals(...ADMINISTRATOR, ...EDGE) },
    },
  },
  '/admin/export': {
    get: {
      operationId: 'exportCredentials',
      tags,
      security,
      summary: 'All that credentials are rebuilt from, a page at a time',
      parameters: parametersOf('Cursor'),
      responses: {
        200: json('Export', 'Up to a hundred credentials.'),
        ...refusals(...ADMINISTRATOR, 'admin-request-malformed', ...GET),
      },
    },
  },
  '/admin/import': {
    post: {
      operationId: 'importCredentials',
      tags,
      security,
      summary: 'Puts exported credentials back',
      requestBody: bodyOf('Import'),
      responses: {
        200: json('Imported', 'What was put back.'),
        ...refusals(...ADMINISTRATOR, 'admin-request-malformed', ...EDGE),
      },
    },
  },
  '/admin/reindex': {
    post: {
      operationId: 'reindex',
      tags,
      security,
      summary: 'Moves and rebuilds rows, a page at a time',
      parameters: parametersOf('Cursor'),
      responses: {
        200: json('Reindexed', 'What was done.'),
        ...refusals(...ADMINISTRATOR, 'admin-request-malformed', ...EDGE),
      },
    },
  },
  '/admin/restore': {
    post: {
      operationId: 'restore',
      tags,
      security,
      summary: 'Takes shards back to an earlier time, a page at a time',
      requestBody: bodyOf('Restore'),
      responses: {
        200: json('Restored', 'What went back. Reindexing has to follow.'),
        ...refusals(...ADMINISTRATOR, 'admin-request-malformed', 'restore-not-available', ...EDGE),
      },
    },
  },
  '/admin/audit': {
    get: {
      operationId: 'readTrail',
      tags,
      security,
      summary: 'What was done, newest last',
      parameters: parametersOf('Cursor'),
      responses: {
        200: json('Trail', 'Up to a hundred entries.'),
        ...refusals(...ADMINISTRATOR, 'admin-request-malformed', ...GET),
      },
    },
  },
  '/admin/status': {
    get: {
      operationId: 'readStatus',
      tags,
      security,
      summary: 'The state of shards and KV',
      parameters: parametersOf('Cursor'),
      responses: {
        200: json('Status', 'Up to 128 shards.'),
        ...refusals(...ADMINISTRATOR, 'admin-request-malformed', ...GET),
      },
    },
  },
  '/admin/metrics': {
    get: {
      operationId: 'readMetrics',
      tags,
      security,
      summary: 'Counts of requests, of one isolate of edge and authority each',
      responses: {
        200: {
          description: 'Text that Prometheus reads.',
          content: { 'text/plain': { schema: { type: 'string', pattern: '^# (HELP|TYPE) ' } } },
        },
        ...refusals(...ADMINISTRATOR, ...GET),
      },
    },
  },
};
