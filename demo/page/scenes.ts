/** The scenes of the tour: each does one real thing, and says what came of it. */

import { open } from '../../shared/cms/open.ts';
import { CREDENTIALS_PATH, REGISTRATION_PATH, SEALED_PATH, WHOAMI_PATH } from '../../shared/protocol/endpoints.ts';
import { accountOf, clientOf, noteRevoked, register } from './accounts.ts';
import { element } from './elements.ts';
import { answered, DEVICES, deceived, NO_DEVICES, REGISTRATION, sealed, written } from './hops.ts';
import { answerTo, type Outcome, perform, type Scene, say, showReader } from './stage.ts';
import { ADMINISTRATOR, other, type User } from './users.ts';
import { devicesView, responseView, verdictView, whoamiView } from './views.ts';

/** A request to the API. */
export interface Question {
  readonly method: string;
  readonly path: string;
  /** Empty where the method has none. */
  readonly body?: string;
  /** True to hide the request as well. */
  readonly isSealed?: boolean;
}

/** An outcome with the status that the API gave, inside of the envelope; undefined when it was not read. */
export interface Answer extends Outcome {
  readonly status: number | undefined;
}

/** Asks the API with a user's key. */
export async function ask(
  reader: User,
  { method, path, body = '', isSealed = false }: Question,
  more: Partial<Pick<Scene, 'title' | 'change'>> = {},
): Promise<Answer> {
  let status: number | undefined;
  const isSafe = method === 'GET';
  const readable = isSealed ? sealed(path) : isSafe ? answered(path) : written(`${method} ${path}`);
  const outer = isSealed ? { method: 'POST', path: SEALED_PATH } : { method, path };
  const outcome = await perform({
    reader,
    title: 'What you see',
    path: outer.path,
    hops: (isReadable) => (isReadable ? readable : deceived(outer.path, outer.method)),
    async work() {
      const client = await clientOf(reader);
      const init = { method, seal: isSealed, ...(!isSafe && { body }) };
      const response = await client.fetch(path, init);
      status = response.status;
      return responseView(response);
    },
    ...more,
  });
  return { ...outcome, status };
}

export async function read(user: User, path: string): Promise<Answer> {
  const answer = await ask(user, { method: 'GET', path });
  if (answer.status !== undefined) say(`Opened by ${user}’s key, in this browser. Nothing on the way can open it.`);
  return answer;
}

/**
 * Has the other user try a key on the answer that is shown.
 * @param path to ask for when no answer to this user is shown.
 * @returns true when it stays unreadable.
 */
export async function give(user: User, path: string): Promise<boolean> {
  if (answerTo(user) === undefined) await read(user, path);
  const answer = answerTo(user);
  if (answer === undefined) return false;
  const thief = other(user);
  await clientOf(thief);
  const account = await accountOf(thief);
  if (account === undefined) throw new TypeError(`no account of ${thief}`);
  const content = await open(answer.body, account.key).catch((error: Error) => error);
  const isUnreadable = content instanceof Error;
  const bytes = `${thief} has all ${answer.body.length} bytes of ${user}’s answer.`;
  const view = isUnreadable
    ? verdictView('Unreadable.', `${bytes} ${content.message}`)
    : verdictView('Readable.', new TextDecoder().decode(content));
  showReader(`What ${thief} sees`, view);
  say(`${thief} has ${user}’s answer: ${isUnreadable ? 'unreadable' : 'readable'}.`);
  return isUnreadable;
}

/** Has bob ask for what takes the right to write. @returns true when he is refused, and the outside does not show it. */
export async function refuse(user: User): Promise<boolean> {
  const title = user === 'bob' ? 'What you see' : 'What bob sees';
  const { exchange, status } = await ask('bob', { method: 'GET', path: '/scoped' }, { title });
  if (exchange === undefined || status === undefined) return false;
  say(`Outside: ${exchange.status}, like every answer. Inside, for bob only: ${status}.`);
  return exchange.status === 200 && status === 403;
}

/** @returns true when the API took the write. */
export async function write(user: User, path: string, body: string): Promise<boolean> {
  const { status } = await ask(user, { method: 'POST', path, body });
  if (status === 200) say('Signed by your key. The API verified the signature before it did anything.');
  return status === 200;
}

/** A write, changed by somebody on the way. @returns true when the API refuses it. */
export async function writeChanged(user: User, path: string, body: string): Promise<boolean> {
  const change = (request: Request) => new Request(request, { body: `${body} And 500 to me.` });
  const { status } = await ask(user, { method: 'POST', path, body }, { change });
  if (status === 401) say('Changed on the way, so the signature is not true of it: the API refused it.');
  return status === 401;
}

/** A write that is hidden as well. @returns true when the API took it. */
export async function writeSealed(user: User, path: string, body: string): Promise<boolean> {
  const { status } = await ask(user, { method: 'POST', path, body, isSealed: true });
  if (status === 200) say('Hidden on the way: what is asked for, how, and the text. Only the API opened it.');
  return status === 200;
}

/** Has an administrator revoke the user's GUID, and asks once more. @returns true when the answer is unreadable then. */
export async function revoke(user: User, path: string): Promise<boolean> {
  const client = await clientOf(user);
  const guid = (await accountOf(user))?.guid ?? '';
  const headers = { Authorization: ADMINISTRATOR };
  const response = await globalThis.fetch(`/admin/credentials/${guid}`, { method: 'DELETE', headers });
  if (!response.ok) throw new Error(`The edge refused to revoke (${response.status}).`);
  const { error } = await perform({
    reader: user,
    title: 'What you see',
    path,
    hops: (isReadable) => (isReadable ? answered : deceived)(path),
    work: async () => responseView(await client.fetch(path)),
  });
  noteRevoked(guid);
  if (error?.code === 'unreadable')
    say(`${user}’s GUID is revoked. Outside it is an answer as always; no key opens it.`);
  return error?.code === 'unreadable';
}

/** Makes a new key, and shows how it is registered. */
export async function registerAgain(user: User): Promise<void> {
  const { error } = await perform({
    reader: user,
    title: 'What you see',
    path: REGISTRATION_PATH,
    hops: () => REGISTRATION,
    async work() {
      await register(user);
      const guid = (await accountOf(user))?.guid ?? '';
      return element('p', '', 'The GUID of the new key: ', element('code', '', guid));
    },
  });
  if (error === undefined) say('The new key opened the answer to its own registration.');
}

/** Asks the authority who this key is. @returns true when it said so. */
export async function whoami(user: User): Promise<boolean> {
  const { error } = await perform({
    reader: user,
    title: 'What you see',
    path: WHOAMI_PATH,
    hops: (isReadable) => (isReadable ? answered : deceived)(WHOAMI_PATH),
    work: async () => whoamiView(await (await clientOf(user)).whoami()),
  });
  if (error === undefined) say('Signed by the authority, for this key, and opened by it.');
  return error === undefined;
}

/** Lists the user's devices. @returns true when the list came. */
export async function devices(user: User): Promise<boolean> {
  const { error } = await perform({
    reader: user,
    title: 'What you see',
    path: CREDENTIALS_PATH,
    hops: (isReadable) => (isReadable ? DEVICES : NO_DEVICES),
    work: async () => devicesView(await (await clientOf(user)).credentials()),
  });
  if (error === undefined) say(`Every key that was registered for ${user}. Only ${user} reads the list.`);
  return error === undefined;
}

/** Revokes all of the user's devices but this browser, and lists them again. */
export async function revokeOthers(user: User): Promise<void> {
  const client = await clientOf(user);
  const others = (await client.credentials()).filter(({ isCurrent, revokedAt }) => !isCurrent && !revokedAt);
  for (const { id } of others) await client.revoke(id);
  if (await devices(user)) say(`Signed by this browser’s key: ${others.length} other keys of ${user} are revoked.`);
}
