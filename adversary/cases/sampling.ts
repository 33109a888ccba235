/** Asking for GUIDs of two sides in random order, on the same connections. */

import { shuffle } from '../../test/support/statistics/random.ts';
import { Connection, type Message } from '../observing/exchange.ts';
import { type Observed, observe } from '../observing/observed.ts';
import { inTurns } from '../population/in-turns.ts';
import type { Subject } from './routes.ts';

export interface Sampling {
  readonly url: URL;
  readonly ours: readonly Subject[];
  readonly theirs: readonly Subject[];
  /** Number of answers on each side. Each GUID is asked for as often as another. */
  readonly perSide: number;
  readonly connections: number;
  readonly message: (subject: Subject) => Promise<Message>;
}

/** @returns the answers in the order in which they were asked for. */
export async function sample({ url, ours, theirs, perSide, connections, message }: Sampling): Promise<Observed[]> {
  const asked = shuffle([...drawn(ours, perSide, true), ...drawn(theirs, perSide, false)]);
  // Requests are made ready before, so that no time of theirs is in that of an answer.
  const ready = await Promise.all(asked.map(async (each) => ({ ...each, message: await message(each.subject) })));
  return exchangeAll(url, connections, ready);
}

/** A request that is ready to be sent. */
export interface Asked {
  readonly isOurs: boolean;
  readonly subject: Pick<Subject, 'guid'>;
  readonly message: Message;
}

export async function exchangeAll(url: URL, connections: number, asked: readonly Asked[]): Promise<Observed[]> {
  const open = Array.from({ length: connections }, () => new Connection(url));
  const answers: Observed[] = [];
  await inTurns(connections, asked, async ({ isOurs, subject, message }, connection) => {
    const answer = await open[connection]?.send(message);
    const { guid } = subject;
    if (answer !== undefined) answers.push(observe({ isOurs, guid, askedLength: message.askedLength }, answer));
  });
  for (const connection of open) connection.close();
  return answers;
}

const drawn = (subjects: readonly Subject[], count: number, isOurs: boolean) =>
  Array.from({ length: count }, (_, at) => ({ isOurs, subject: subjects[at % subjects.length] as Subject }));
