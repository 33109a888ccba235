/** node:crypto, which is the OpenSSL that Node was built with, behind pkijs as a reader of CMS. */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { parseContentEncryption } from '../../../shared/cms/content-encryption.ts';
import { parseEnvelopedMessage } from '../../../shared/cms/enveloped-data.ts';
import { openByNodeCrypto } from '../node-cms.ts';
import { derOfPem } from '../vectors/keys.ts';
import { eachOf, type ForeignTool } from './tool.ts';

const nameOf = (message: Uint8Array): ContentEncryptionName =>
  parseContentEncryption(parseEnvelopedMessage(Uint8Array.from(message)).contentEncryptionAlgorithm).encryption.name;

export const nodeCrypto: ForeignTool = {
  name: 'node:crypto',
  from: 'Node 24, with its own OpenSSL; a reader of CMS by pkijs',
  version: async () => `${process.versions.node}, OpenSSL ${process.versions['openssl']}`,
  open: (messages) =>
    eachOf(messages, async ({ key, message }) => {
      const { keyType, privateKey, publicKey } = key;
      const der = { keyType, pkcs8: derOfPem('PRIVATE KEY', privateKey), spki: derOfPem('PUBLIC KEY', publicKey) };
      return openByNodeCrypto(der, nameOf(message), Uint8Array.from(message));
    }),
  cannotOpen: () => undefined,
  cannotSeal: () => undefined,
};
