/** When an account renews itself. */

import type { AccountInfo } from './account.ts';
import type { EdgeClock } from './exchange/clock.ts';

/** True in the last tenth of the life of a credential. */
export const isRenewalDue = (
  { endsAt, registeredAt }: Pick<AccountInfo, 'endsAt' | 'registeredAt'>,
  clock: Pick<EdgeClock, 'now'>,
): boolean => endsAt !== undefined && clock.now() > endsAt - (endsAt - registeredAt) / 10;
