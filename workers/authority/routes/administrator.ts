import type { Context } from 'hono';
import type { Actor } from '../../../durable-objects/credential-shard/trail.ts';
import { CALE_ADMINISTRATOR } from '../../../shared/protocol/headers.ts';

/** Where the edge of before does not say the name. */
const UNNAMED = 'administrator';

/** @returns the administrator that the edge names, for the trail. */
export const administratorOf = (c: Context): Actor => `administrator ${c.req.header(CALE_ADMINISTRATOR) ?? UNNAMED}`;
