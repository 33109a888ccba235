import { expect, test } from 'vitest';
import { HashQueue } from '../../../../durable-objects/password-guard/hash-queue.ts';

/** A computation that ends when it is told to. */
function createTask() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const task = {
    hasBegun: false,
    end: () => resolve(),
    async run() {
      task.hasBegun = true;
      await promise;
    },
  };
  return task;
}

test('one is computed at a time, in the order in which they came', async () => {
  const queue = new HashQueue();
  const tasks = ['a', 'b', 'c'].map((network) => {
    const task = createTask();
    return { task, result: queue.tryRun(network, task.run) };
  });
  for (const [at, { task, result }] of tasks.entries()) {
    await expect.poll(() => task.hasBegun).toBe(true);
    expect(tasks.map((each) => each.task.hasBegun)).toEqual(tasks.map((_, index) => index <= at));
    task.end();
    await result;
  }
});

test('behind the one that is computed four wait, and a fifth is turned away at once', async () => {
  const queue = new HashQueue();
  const task = createTask();
  const results = ['a', 'b', 'c', 'd', 'e'].map((network) => queue.tryRun(network, task.run));
  expect(results).not.toContain(undefined);
  expect(queue.tryRun('f', task.run)).toBeUndefined();
  task.end();
  await Promise.all(results);
  expect(await queue.tryRun('f', async () => 'done')).toBe('done');
});

test('one network leaves places to others', async () => {
  const queue = new HashQueue();
  const task = createTask();
  const results = ['a', 'a', 'a'].map((network) => queue.tryRun(network, task.run));
  expect(results).not.toContain(undefined);
  expect(queue.tryRun('a', task.run)).toBeUndefined();
  const ofAnother = queue.tryRun('b', task.run);
  expect(ofAnother).toBeDefined();
  task.end();
  await Promise.all([...results, ofAnother]);
});

test('one that fails does so for its own caller, and the next one is computed', async () => {
  const queue = new HashQueue();
  const failing = queue.tryRun('a', () => Promise.reject(new Error('no memory')));
  const next = queue.tryRun('a', async () => 'done');
  await expect(failing).rejects.toThrow('no memory');
  expect(await next).toBe('done');
});
