import { ensureSecrets } from '../../scripts/dev/secrets.ts';

/** Makes the secrets of local runs before any test does, because several of them start `npm run dev` at the same time. */
export default async function setup(): Promise<void> {
  await ensureSecrets();
}
