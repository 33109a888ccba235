/** A form as multipart/form-data (RFC 7578). Loaded on demand. */

import type { WebCrypto } from './send.ts';

/** @returns a Blob whose type names the boundary, as the multipart/form-data encoding of HTML 4.10.21.8. */
export function encodeForm(form: FormData, crypto: WebCrypto): Blob {
  const boundary = `cale-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;
  const parts: BlobPart[] = [];
  form.forEach((value, name) => {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(withCrLf(name))}"`;
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${withCrLf(value)}\r\n`);
    else {
      const type = value.type || 'application/octet-stream';
      parts.push(`${head}; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n');
    }
  });
  return new Blob([...parts, `--${boundary}--\r\n`], { type: `multipart/form-data; boundary=${boundary}` });
}

const withCrLf = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n');

const escapeName = (name: string): string => name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
