import { concat } from '../encoding/bytes.ts';

/**
 * @param message a Request or a Response. React Native has no streams: there the whole body comes at once.
 * @returns the body, or undefined when it is longer than `max` bytes; it is not read any further then.
 * @throws what the platform throws when the connection breaks.
 */
export async function readBody(
  message: Pick<Body, 'body' | 'arrayBuffer'>,
  max: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = (message.body as ReadableStream<Uint8Array> | null | undefined)?.getReader();
  if (reader === undefined) {
    const bytes = new Uint8Array(await message.arrayBuffer());
    return bytes.length > max ? undefined : bytes;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); part.value !== undefined; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (length > max) {
      await reader.cancel();
      return undefined;
    }
  }
  return concat(chunks);
}
