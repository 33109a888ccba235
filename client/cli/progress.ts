/** The progress of a download, for people who wait at a terminal. */

const SHOWN_AFTER_MS = 1000;
const SHOWN_EVERY_MS = 200;

/** A fetch that shows on standard error, where that is a terminal, how much has come of an answer that takes long. */
export function withProgress(fetcher: typeof fetch): typeof fetch {
  if (!process.stderr.isTTY) return fetcher;
  return async (input, init) => {
    const response = await fetcher(input, init);
    const total = Number(response.headers.get('Content-Length'));
    const counted = response.body?.pipeThrough(counter(total));
    return new Response(counted ?? null, { status: response.status, headers: response.headers });
  };
}

/** @param total bytes, or 0 where it is not known. */
function counter(total: number): TransformStream<Uint8Array, Uint8Array> {
  let received = 0;
  let shownAt = Date.now() + SHOWN_AFTER_MS - SHOWN_EVERY_MS;
  let isShown = false;
  return new TransformStream({
    transform(chunk, controller) {
      received += chunk.length;
      controller.enqueue(chunk);
      if (Date.now() - shownAt < SHOWN_EVERY_MS) return;
      shownAt = Date.now();
      isShown = true;
      const share = total > 0 ? ` of ${mebibytes(total)}` : '';
      process.stderr.write(`\r${mebibytes(received)}${share} MiB `);
    },
    flush() {
      if (isShown) process.stderr.write('\r\x1b[K');
    },
  });
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
