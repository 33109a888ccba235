/** The steps of the tour: which one is at hand, which are done, and which comes next. */

import { byId, element } from './elements.ts';

const buttons = [...document.querySelectorAll<HTMLElement>('[data-step]')];
/** Steps that this API has something to show in. */
const steps = (): string[] =>
  buttons.filter((button) => button.checkVisibility()).map((button) => button.dataset['step'] ?? '');
const buttonOf = (step: string): HTMLElement | undefined => buttons.find(({ dataset }) => dataset['step'] === step);

let current = 'read';
export const currentStep = (): string => current;

/** Shows a step. @param isFollowed true to lead the keyboard and the reader there. */
export function showStep(step: string, isFollowed = false): void {
  current = step;
  for (const button of buttons) {
    const name = button.dataset['step'] ?? '';
    byId(`step-${name}`).hidden = name !== step;
    if (name === step) button.setAttribute('aria-current', 'step');
    else button.removeAttribute('aria-current');
  }
  // They would give the decoy away.
  for (const id of ['stage', 'journey']) byId(id).hidden = step === 'decoy';
  inviteOnwards();
  if (!isFollowed) return;
  byId(`step-${step}`).querySelector('h2')?.focus({ preventScroll: true });
  byId('card').scrollIntoView({ block: 'nearest' });
}

/** The way on stands beside what there is to do here, and is the louder of the two when that is done. */
function inviteOnwards(): void {
  const next = byId('next');
  const following = nextStep();
  // The first step has ways of its own.
  next.hidden = current === 'read' || following === undefined;
  next.textContent = `Next: ${buttonOf(following ?? '')?.dataset['invitation']}`;
  next.classList.toggle('primary', isDone(current));
  byId('card').classList.toggle('done', isDone(current) && !next.hidden);
  byId(`step-${current}`).querySelector('.actions')?.append(next);
}

/** @returns undefined at the last one. */
export const nextStep = (): string | undefined => steps()[steps().indexOf(current) + 1];

/** Ticks a step off. */
export function tick(step: string): void {
  const button = buttonOf(step);
  if (button === undefined || isDone(step)) return;
  button.classList.add('done');
  button.append(element('span', 'unseen', ', done'));
  if (step === current) inviteOnwards();
}

const isDone = (step: string): boolean => buttonOf(step)?.classList.contains('done') === true;

/** The step that the address names. */
export function stepOfAddress(): string {
  const [, name = ''] = /^#(.*)$/.exec(location.hash) ?? [];
  return steps().includes(name) ? name : 'read';
}
