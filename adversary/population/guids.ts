/** GUIDs that no client has. */

import { randomUUID } from 'node:crypto';

export const unknownGuids = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

/** Ways of spoiling a GUID. */
const SPOILED: readonly ((guid: string) => string)[] = [
  (guid) => guid.replaceAll('-', ''),
  (guid) => guid.slice(0, -1),
  (guid) => `${guid}0`,
  (guid) => `{${guid}}`,
  (guid) => `urn:uuid:${guid}`,
  (guid) => guid.replace(/^./, 'g'),
  (guid) => guid.repeat(20),
  (guid) => guid.slice(0, 8),
  (guid) => `${guid}é`,
];

export const malformedGuids = (count: number): string[] =>
  unknownGuids(count).map((guid, at) => SPOILED[at % SPOILED.length]?.(guid) ?? guid);
