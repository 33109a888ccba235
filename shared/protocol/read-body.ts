import { concat } from '../encoding/bytes.ts';

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/**
 * @param message a Request or a Response. React Native has no streams: there the whole body comes at once.
 * @param leave what to do with a body that is longer than `max` bytes; by default it is not read any further.
 * @returns the body, or undefined when it is longer than `max` bytes.
 * @throws what the platform throws when the connection breaks.
 */
export async function readBody(
  message: Pick<Body, 'body' | 'arrayBuffer'>,
  max: number,
  leave: (reader: BodyReader) => Promise<void> = (reader) => reader.cancel(),
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader: BodyReader | undefined = (message.body as ReadableStream<Uint8Array> | null | undefined)?.getReader();
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
      await leave(reader);
      return undefined;
    }
  }
  return concat(chunks);
}
