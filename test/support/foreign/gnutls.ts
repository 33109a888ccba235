/** certtool of GnuTLS. */

import type { Place } from './place.ts';
import { eachOf, type ForeignTool } from './tool.ts';

const SIGNED_ONLY = 'GnuTLS has SignedData only, of all of CMS.';

export const gnutls = (place: Place, name: string, from: string): ForeignTool => ({
  name,
  from,
  async version() {
    if (!place.has('certtool')) return undefined;
    const [, version] = /certtool (\S+)/.exec(String(await place.run('certtool', ['--version']))) ?? [];
    return version;
  },
  open: (messages) =>
    eachOf(messages, ({ message }) =>
      place.run('certtool', ['--inder', '--p7-info', '--p7-show-data', '--infile', place.write('message', message)]),
    ),
  cannotOpen: () => SIGNED_ONLY,
  cannotSeal: () => SIGNED_ONLY,
});
