/** Statuses of answers that a Response has no body for (Fetch standard 2.2.3). */
const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];

export const hasNullBody = (status: number): boolean => NULL_BODY_STATUSES.includes(status);
