/** The demo's page: registers a key and asks once by itself, and from there leads through what else there is to see. */

import { accountOf, forget } from './accounts.ts';
import { byId } from './elements.ts';
import { deal } from './guess.ts';
import { describeKey, forgetKey, tryToExport } from './key.ts';
import * as scenes from './scenes.ts';
import { drawParties } from './sequence.ts';
import { fitWire, say, showStage } from './stage.ts';
import { currentStep, nextStep, showStep, stepOfAddress, tick } from './steps.ts';
import { other, type User } from './users.ts';

/** Errors of a key whose GUID another run of the edge gave, or that was revoked. */
const OUTDATED = ['unreadable', 'not-trusted'];

let user: User = 'alice';
/** The path that answers are read from: the demo's, or where an API of one's own begins. */
let path = '/balance';
/** The work that is going on, if any is. */
let work: Promise<void> | undefined;

/** The first answer comes without being asked for. A key that is no longer known is replaced. */
async function arrive(): Promise<void> {
  choose('alice');
  if (!('subtle' in crypto) || crypto.subtle === undefined) {
    throw new Error('Browsers make keys only for pages of https, and of localhost: open this page by one of them.');
  }
  const isReturning = (await accountOf(user)) !== undefined;
  let answer = await scenes.read(user, path);
  if (isReturning && OUTDATED.includes(answer.error?.code ?? '')) {
    await forget(user);
    answer = await scenes.read(user, path);
  }
  if (answer.status === 404) answer = await leaveTheDemo();
  if (answer.status !== undefined) tick('read');
}

/** Another API is behind this edge. What is left of the tour takes no route of the demo's. */
function leaveTheDemo(): Promise<scenes.Answer> {
  for (const part of document.querySelectorAll<HTMLElement>('[data-demo]')) part.hidden = true;
  path = '/';
  input('own-path').value = path;
  byId('own').setAttribute('open', '');
  showStep(stepOfAddress());
  return scenes.read(user, path);
}

function choose(chosen: User): void {
  user = chosen;
  for (const name of document.querySelectorAll<HTMLElement>('[data-who]')) {
    name.textContent = name.dataset['who'] === 'you' ? user : other(user);
  }
  for (const radio of document.querySelectorAll<HTMLInputElement>('[name="user"]'))
    radio.checked = radio.value === user;
}

async function askOwn(): Promise<void> {
  const question = { method: input('own-method').value, path: input('own-path').value, body: input('own-body').value };
  const { status } = await scenes.ask(user, { ...question, isSealed: input('own-seal').checked });
  if (status !== undefined) say(`The API’s own answer, opened by ${user}’s key: ${status}.`);
}

const input = (id: string) => byId(id) as HTMLInputElement;

/** The work of each step, which is true when it went as the step says. */
const STEPS: Readonly<Record<string, () => Promise<boolean>>> = {
  give: () => scenes.give(user, path),
  refuse: () => scenes.refuse(user),
  write: () => scenes.write(user, '/echo', input('text').value),
  seal: () => scenes.writeSealed(user, '/echo', input('text').value),
  key: () => scenes.whoami(user),
  devices: () => scenes.devices(user),
  revoke: () => scenes.revoke(user, path),
};

async function doStep(step: string): Promise<void> {
  showStage();
  if (await STEPS[step]?.()) tick(step);
}

/** What a step has besides. */
async function doOnStage(task: () => Promise<unknown>): Promise<void> {
  showStage();
  await task();
}

/** Goes on to a step that the visitor chose. */
function goTo(step: string): void {
  showStep(step, true);
  history.replaceState(null, '', `#${step}`);
}

/** One thing at a time; the buttons stay in reach of the keyboard meanwhile. */
function run(task: () => Promise<unknown>): void {
  work ??= finish(task);
}

async function finish(task: () => Promise<unknown>): Promise<void> {
  setBusy(true);
  try {
    await task();
  } catch (error) {
    say(messageOf(error));
  } finally {
    await describeKey(user).catch((error) => say(messageOf(error)));
    setBusy(false);
    work = undefined;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function setBusy(isBusy: boolean): void {
  for (const button of document.querySelectorAll('main button')) button.setAttribute('aria-disabled', String(isBusy));
}

const onClick = (id: string, task: () => unknown) => byId(id).addEventListener('click', () => run(async () => task()));

function onSubmit(id: string, task: () => Promise<unknown>): void {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    run(task);
  });
}

for (const step of ['give', 'refuse', 'seal', 'devices', 'revoke']) onClick(`do-${step}`, () => doStep(step));
onClick('do-whoami', () => doStep('key'));
onSubmit('write-form', () => doStep('write'));
onClick('do-change', () => doOnStage(() => scenes.writeChanged(user, '/echo', input('text').value)));
onSubmit('own-form', () => doOnStage(askOwn));
onClick('do-register', () => doOnStage(() => scenes.registerAgain(user)));
onClick('do-revoke-others', () => doOnStage(() => scenes.revokeOthers(user)));
onClick('do-export', () => tryToExport(user));
onClick('do-forget', () => forgetKey(user));
onClick('do-restart', () => {
  goTo('read');
  return doOnStage(() => scenes.read(user, path));
});
onClick('do-deal', async () => {
  // The stage is not in sight then.
  await deal(() => tick('decoy')).catch((error) => {
    byId('verdict').textContent = messageOf(error);
  });
});

for (const step of ['give', 'refuse']) {
  onClick(`try-${step}`, async () => {
    goTo(step);
    await doStep(step);
  });
}
byId('try-write').addEventListener('click', () => goTo('write'));
byId('next').addEventListener('click', () => goTo(nextStep() ?? 'read'));
for (const button of document.querySelectorAll<HTMLElement>('[data-step]')) {
  button.addEventListener('click', () => goTo(button.dataset['step'] ?? 'read'));
}
for (const radio of document.querySelectorAll<HTMLInputElement>('[name="user"]')) {
  radio.addEventListener('change', async () => {
    choose(radio.value as User);
    await work;
    if (currentStep() !== 'decoy') run(() => scenes.read(user, path));
  });
}
byId('own-method').addEventListener('change', () => {
  input('own-body').disabled = input('own-method').value === 'GET';
});
addEventListener('resize', fitWire);

drawParties();
showStep(stepOfAddress());
run(arrive);
