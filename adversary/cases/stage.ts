/** A deployment that is in use, with the GUIDs that are asked for. */

import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { Connection, type Message } from '../observing/exchange.ts';
import type { Client } from '../population/clients.ts';
import { unknownGuids } from '../population/guids.ts';
import { inTurns } from '../population/in-turns.ts';
import { type Deployment, type DeploymentKind, deploy } from '../serving/deployment.ts';
import type { Form } from './forms.ts';
import { CONSTANT, type Facts, learnFacts, type Route, type Subject, subjectOf } from './routes.ts';
import { exchangeAll } from './sampling.ts';
import { train, trainForMinutes } from './training.ts';

/** Number of samples. */
export interface Scale {
  readonly clients: number;
  /** Clients whose requests come before all others. */
  readonly trainers: number;
  /** Minutes in each of which all trainers ask once: of one client one answer a minute is learned. */
  readonly minutes: number;
  /** Answers on each side. */
  readonly perSide: number;
  /** The most of them, where fewer leave a doubt. */
  readonly most: number;
}

export const LONG: Scale = { clients: 500, trainers: 500, minutes: 6, perSide: 2000, most: 6000 };
export const SHORT: Scale = { clients: 48, trainers: 48, minutes: 1, perSide: 144, most: 144 };

const CONNECTIONS = 8;

export interface Stage {
  readonly deployment: Deployment;
  readonly facts: Facts;
  readonly scale: Scale;
  readonly known: readonly Subject[];
  /** As many. */
  readonly unknown: readonly Subject[];
}

/** @param formsOf gives the forms that there is real traffic of. */
export async function setStage(
  kind: DeploymentKind,
  scale: Scale,
  formsOf: (route: Route) => Form | readonly Form[] = ({ forms }) => forms,
): Promise<Stage> {
  const deployment = await deploy(kind, scale.clients);
  try {
    const facts = await learnFacts(deployment.url);
    await assertKnown(facts.url, deployment.clients);
    await trainForMinutes(scale.minutes, () => train(facts, deployment.clients.slice(-scale.trainers), formsOf));
    const known = deployment.clients.map(subjectOf);
    const unknown = await seen(facts.url, unknownGuids(known.length));
    return { deployment, facts, scale, known, unknown };
  } catch (error) {
    await deployment.close();
    throw error;
  }
}

/** @throws {OpenError} when a client cannot open its answer: known GUIDs that are not would be told from none. */
async function assertKnown(url: URL, clients: readonly Client[]): Promise<void> {
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(url));
  await inTurns(CONNECTIONS, clients, async ({ guid, device }, at) => {
    const answer = await connections[at]?.send(await CONSTANT.message({ guid, keyid: '' }, 'plain', {} as Facts));
    await device.open(parseUtf8(answer?.body ?? new Uint8Array(0)));
  });
  for (const connection of connections) connection.close();
}

/** @returns the GUIDs with the key identifiers that they are answered with. */
export async function seen(url: URL, guids: readonly string[]): Promise<Subject[]> {
  const message = (guid: string): Promise<Message> => CONSTANT.message({ guid, keyid: '' }, 'plain', {} as Facts);
  const asked = await Promise.all(
    guids.map(async (guid) => ({ isOurs: false, subject: { guid }, message: await message(guid) })),
  );
  const answers = await exchangeAll(url, CONNECTIONS, asked);
  return answers.map(({ guid, envelope }) => ({
    guid,
    keyid: Buffer.from(envelope?.keyIdentifier ?? '', 'hex').toString('base64url'),
  }));
}
