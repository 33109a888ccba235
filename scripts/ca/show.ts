/** What there is, for people. */

import { describeCertificate } from '../certificates.ts';
import type { Change } from './bundles.ts';
import type { Draft } from './draft.ts';
import type { KeyState } from './state.ts';

const WORDS: Readonly<Record<KeyState, string>> = {
  made: 'made, known to no party',
  next: 'published, used next',
  used: 'in use',
  old: 'still trusted',
  out: 'out of use',
  revoked: 'revoked',
};

const DAY_MS = 24 * 60 * 60 * 1000;
/** Ends that are nearer than this are told. */
const SOON_DAYS = 60;

/** Each key with its certificates: file, end, SHA-256 fingerprint. */
export async function show(draft: Draft): Promise<string> {
  const lines: string[] = [];
  for (const { name, state: of, certificates } of draft.state.keys) {
    lines.push(`${name}: ${WORDS[of]}`);
    for (const [issuer, file] of Object.entries(certificates)) {
      const { notAfter, fingerprint } = await describeCertificate(draft.read(file));
      lines.push(`  secrets/${file}, by ${issuer}, ends ${notAfter.toISOString().slice(0, 10)}${warningOf(notAfter)}`);
      lines.push(`  ${fingerprint.match(/../g)?.join(':').toUpperCase()}`);
    }
  }
  return lines.join('\n');
}

function warningOf(notAfter: Date): string {
  const days = Math.floor((notAfter.getTime() - Date.now()) / DAY_MS);
  if (days < 0) return ': it HAS ENDED';
  return days < SOON_DAYS ? `: only ${days} days` : '';
}

/** The files that have changed, with the command that deploys each. */
export function describeChanges(changes: readonly Change[]): string {
  const lines = changes.map(
    ({ worker, config, file, secrets }) =>
      `  ${worker}: ${secrets.join(', ')}\n    npx wrangler secret bulk ${file} -c ${config}`,
  );
  return `Deploy, in this order (the gateway where it is in the place of origin and resource):\n${lines.join('\n')}`;
}
