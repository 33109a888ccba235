import { describe, expect, test } from 'vitest';
import { ReusedBuffer } from '../../../shared/encoding/reused-buffer.ts';

describe('a buffer', () => {
  test('is used again once it was given back', () => {
    const buffers = new ReusedBuffer(100);
    const first = buffers.take(80);
    buffers.giveBack(first);
    const second = buffers.take(50);
    expect(second).toHaveLength(50);
    expect(second.buffer).toBe(first.buffer);
  });

  test('is used by one only until then', () => {
    const buffers = new ReusedBuffer(100);
    buffers.giveBack(buffers.take(80));
    const [first, second] = [buffers.take(80), buffers.take(80)];
    expect(second.buffer).not.toBe(first.buffer);
  });

  test('is a new one where the kept one is too small', () => {
    const buffers = new ReusedBuffer(100);
    const small = buffers.take(10);
    buffers.giveBack(small);
    const large = buffers.take(11);
    expect(large).toHaveLength(11);
    expect(large.buffer).not.toBe(small.buffer);
    buffers.giveBack(large);
    expect(buffers.take(11).buffer).toBe(large.buffer);
  });

  test('is not kept beyond the bound', () => {
    const buffers = new ReusedBuffer(100);
    const large = buffers.take(101);
    buffers.giveBack(large);
    expect(buffers.take(101).buffer).not.toBe(large.buffer);
  });
});
