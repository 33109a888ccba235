/** Stands in the place of `cloudflare:workers` while a Worker is started to see what it reads. */

import { recordingEnv } from './recorder.ts';

export const env = recordingEnv;
export const waitUntil = (): void => {};
export class WorkerEntrypoint {}
export class DurableObject {}
