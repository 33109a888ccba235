/**
 * The Worker that the measured work runs in. A clock stands still while a Worker computes, so that the time is taken
 * outside: GET /{work}/{bytes}/{subject}/{times} does the work that many times, and 0 times is the empty call.
 */

import 'reflect-metadata';
import { check } from './check.ts';
import { hop } from './hop.ts';
import { issue } from './issue.ts';
import { open } from './open.ts';
import { register } from './register.ts';
import { seal } from './seal.ts';
import { openedRequest, openedSigned, sealedSigned, signedAnswer, verifiedWrite } from './signed.ts';
import type { Run, Subjects } from './subject.ts';

const WORKS: Record<string, Subjects> = {
  'seal-rsa2048-aes256gcm': seal('RSA-2048'),
  'seal-p256-aes256gcm': seal('P-256'),
  'open-rsa2048-aes256gcm': open('RSA-2048'),
  'open-p256-aes256gcm': open('P-256'),
  'sign-answer': signedAnswer,
  'verify-write': verifiedWrite,
  'seal-signed-p256-aes256gcm': sealedSigned,
  'open-signed-p256-aes256gcm': openedSigned,
  'open-request': openedRequest,
  'issue-p256': issue,
  check,
  register,
  'hop-edge': hop('edge', 'P-256'),
  'hop-authority': hop('authority', 'P-256'),
  'hop-origin-rsa2048': hop('origin', 'RSA-2048'),
  'hop-origin-p256': hop('origin', 'P-256'),
  'hop-resource': hop('resource', 'P-256'),
};

/** Made ready once, so that only the work is measured. */
const ready = new Map<string, Run>();

export default {
  async fetch(request) {
    const [, work = '', bytes = '', subject = '', times = ''] = new URL(request.url).pathname.split('/');
    const key = `${work}/${bytes}/${subject}`;
    let run = ready.get(key);
    if (run === undefined) {
      const prepare = WORKS[work]?.[subject];
      if (prepare === undefined) return new Response('no such work', { status: 404 });
      run = await prepare(Number(bytes));
      await run();
      ready.set(key, run);
    }
    for (let time = 0; time < Number(times); time++) await run();
    return new Response('done');
  },
} satisfies ExportedHandler;
