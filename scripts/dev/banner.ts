/** What a person reads when the Workers are up. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEVELOPMENT_USERS } from '../development-secrets.ts';
import { ROOT } from '../workers.ts';
import { readSecret } from './secrets.ts';

export interface Run {
  /** Of the edge, without a slash at its end. */
  readonly url: string;
  readonly vars: ReadonlyMap<string, string>;
  /** The API behind the gateway, as it is to be named; undefined when the demo is behind the edge. */
  readonly api: string | undefined;
  /** Why the API does not answer yet; undefined when it does, or was not asked. */
  readonly fault: string | undefined;
}

export function banner({ url, vars, api, fault }: Run): string {
  const isTour = vars.get('DEMO') === 'on';
  const origins = (vars.get('ALLOWED_ORIGINS') ?? '').replaceAll(',', ' and ');
  const cale = existsSync(join(ROOT, 'dist/cli/main.js')) ? 'npx cale' : 'npm run -s build && npx cale';
  const path = api === undefined ? '/balance' : '/';
  const rows = {
    Open: isTour ? `${url} in a browser, and see what each party sees` : undefined,
    'In front of': `${api ?? 'the demo API'}${fault === undefined ? '' : `, which does not answer yet (${fault})`}`,
    'The way': `client → edge → ${api === undefined ? 'origin → resource server' : 'gateway → API'}, and the authority says who asks`,
    Users: users(vars),
    Token: `${vars.get('ADMIN_TOKEN') ?? readSecret('edge', 'ADMIN_TOKEN') ?? 'none'}, for ${url}/admin`,
    'Web pages': origins === '' ? 'of no other origin may call it' : `of ${origins} may call it`,
    'Try it': `${cale} register ${url} --basic alice && npx cale fetch ${url}${path}`,
    'Read on':
      api === undefined ? 'README.md, docs/protocol/shell.md' : 'docs/gateway.md: curl, SDK, what your API is told',
  };
  const lines = Object.entries(rows)
    .filter(([, text]) => text !== undefined)
    .map(([name, text]) => `  ${name.padEnd(12)} ${text}`);
  return [`CALE runs on ${url}. Ctrl-C ends it; --verbose shows what the tools say.`, ...lines].join('\n');
}

/** The users that can register, with the passwords that this project gave them. */
function users(vars: ReadonlyMap<string, string>): string {
  if (!(vars.get('IDENTITY_METHODS') ?? 'basic').includes('basic')) return `by ${vars.get('IDENTITY_METHODS')}`;
  const text = vars.get('BASIC_USERS') ?? readSecret('edge', 'BASIC_USERS') ?? '{}';
  try {
    const known = new Map(Object.entries(DEVELOPMENT_USERS));
    return Object.entries(JSON.parse(text) as Record<string, { scopes?: string[] }>)
      .map(([name, { scopes = [] }]) => {
        const password = vars.has('BASIC_USERS') ? undefined : known.get(name)?.password;
        return `${name}${password === undefined ? '' : `:${password}`} (${scopes.join(', ')})`;
      })
      .join(', ');
  } catch {
    return 'those of BASIC_USERS';
  }
}
